//! Live requests, for a page that stays open (server-sent events).

use std::convert::Infallible;

use askama::Template as _;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use serde::Deserialize;
use supplier_control::{CallSearch, Listener};

use crate::Dashboard;
use crate::access::{PageQuery, Visitor};
use crate::failure::Failure;
use crate::pages::requests::{Filters, Row, is_shown};

/// Number of calls that are read at once, and so held for a page that does not read.
const AT_ONCE: usize = 20;

#[derive(Deserialize)]
pub(crate) struct After {
    /// Number of the last call that the page has; 0 for none.
    #[serde(default)]
    after: String,
    #[serde(flatten)]
    filters: Filters,
}

struct Following {
    dashboard: Dashboard,
    visitor: Visitor,
    listener: Listener,
    /// Search of the calls that the page follows, from the last one that it has.
    search: CallSearch,
    ready: std::collections::VecDeque<Event>,
}

/// Sends each later call as a table row, until the page closes, the session ends or the server stops.
pub(crate) async fn stream(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    PageQuery(After { after, filters }): PageQuery<After>,
) -> Result<Response, Failure> {
    let listener = dashboard.control().listen(&visitor.session.sandbox, dashboard.now()).await?;
    let search = filters.search().map_err(|why| Failure::new(StatusCode::BAD_REQUEST, why))?;
    let search = CallSearch { after: Some(after.parse().unwrap_or(0)), limit: AT_ONCE, ..search };
    let ready = std::collections::VecDeque::new();
    let following = Following { dashboard, visitor, listener, search, ready };
    let events = Sse::new(events(following)).keep_alive(KeepAlive::default());
    // The library sets `no-cache`, which would allow caches to store the stream.
    Ok(([(CACHE_CONTROL, "no-store")], events).into_response())
}

fn events(following: Following) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(following, async |mut following| {
        loop {
            if let Some(event) = following.ready.pop_front() {
                return Some((Ok(event), following));
            }
            following.read().await?;
            if following.ready.is_empty() {
                let mut stopping = following.dashboard.setup.stopping.clone();
                tokio::select! {
                    there = following.listener.changed() => there.then_some(())?,
                    _ = stopping.wait_for(|stopping| *stopping) => return None,
                }
            }
        }
    })
}

impl Following {
    /// Reads new calls; `None` if the page has closed.
    async fn read(&mut self) -> Option<()> {
        let now = self.dashboard.now();
        let session = self.dashboard.control().session(&self.visitor.id, now).await.ok()??;
        if session.sandbox != self.visitor.session.sandbox {
            return None;
        }
        let found = self.dashboard.control().calls(&session.sandbox, &self.search, now).await.ok()?;
        for call in found.calls {
            self.search.after = Some(call.number);
            if is_shown(&call.record, &session)
                && let Ok(row) = Row::of(&call).render()
            {
                self.ready
                    .push_back(Event::default().id(call.number.to_string()).data(row.replace('\n', "")));
            }
        }
        Some(())
    }
}
