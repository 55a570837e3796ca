//! Requests as they come, for a page that stays open.

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

/// How many calls are read at once: so many are held of a page that does not read.
const AT_ONCE: usize = 20;

#[derive(Deserialize)]
pub(crate) struct After {
    /// The number of the last call that the page has; 0 if it has none.
    #[serde(default)]
    after: String,
    #[serde(flatten)]
    filters: Filters,
}

struct Following {
    dashboard: Dashboard,
    visitor: Visitor,
    listener: Listener,
    /// Which calls the page follows: those that come after the last that it was told.
    search: CallSearch,
    ready: std::collections::VecDeque<Event>,
}

/// Each call from that number on as a row of the table, until the page goes, the session ends or the server stops.
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
    // Of itself such a stream says `no-cache`, by which it may be kept.
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
    /// Reads what has come; nothing if there is nobody to tell any more.
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
