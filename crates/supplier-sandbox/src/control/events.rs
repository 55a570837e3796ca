//! `/_sandbox/sandboxes/{id}/events`: calls, live (server-sent events).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use supplier_control::Listener;
use supplier_store::{CallSearch, FoundCalls, KeptCall, SandboxId};

use super::ControlProblem;
use super::calls::CallBody;
use super::extract::InSandbox;
use super::query::Params;
use crate::app::App;

/// What a reader that lost its connection sends: the last number it saw.
const LAST_EVENT_ID: &str = "last-event-id";
/// How often a comment is sent while nothing happens, so that a lost reader is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How many calls are read at once: so many are held of a reader that does not read.
const BATCH: usize = 20;

/// Follow requests
///
/// Server-sent events: one `request` for each call as it is answered, with the call's number as its id, so that a reader
/// that lost its connection goes on where it was (`Last-Event-ID`, or `after`). A `dropped` event says how many calls the
/// journal had dropped before they could be sent. The stream ends when the sandbox goes.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/events", operation_id = "followRequests", tag = "Requests",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("after" = Option<u64>, Query, description = "Begin after the call of that number; left out, with the next one.")),
    responses((status = 200, description = "A stream of calls.", body = String, content_type = "text/event-stream")))]
pub(crate) async fn follow_requests(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<impl IntoResponse + use<>, ControlProblem> {
    let mut params = Params::read(query.as_deref(), &["after"]);
    let after = params.whole("after", 0..=u64::MAX);
    params.finish()?;
    let resumed = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.parse().ok());
    // Listening begins before the journal is read: nothing falls between the two.
    let listener = app.control.listen(&id, app.time.now()).await?;
    let after = match resumed.or(after) {
        Some(number) => number,
        None => app.control.calls(&id, &CallSearch::default(), app.time.now()).await?.last,
    };
    let reader = Reader { app, id, after, listener, waiting: VecDeque::new() };
    let events = futures::stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok::<_, Infallible>(event), reader))
    });
    // Of itself such a stream says `no-cache`, by which it may be kept.
    Ok(([(CACHE_CONTROL, "no-store")], Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))))
}

struct Reader {
    app: App,
    id: SandboxId,
    /// The number of the last call that was read.
    after: u64,
    listener: Listener,
    waiting: VecDeque<Event>,
}

impl Reader {
    /// The next event; `None` once the sandbox is gone, or the server stops.
    async fn next(&mut self) -> Option<Event> {
        let mut stopping = self.app.stopping.clone();
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            self.read().await.ok()?;
            if self.waiting.is_empty() {
                tokio::select! {
                    is_there = self.listener.changed() => is_there.then_some(())?,
                    // Whether it stops, or nobody is left to say so.
                    _ = stopping.wait_for(|stops| *stops) => return None,
                }
            }
        }
    }

    /// The calls that come after the last that was read.
    async fn following(&self) -> Result<FoundCalls, ControlProblem> {
        let search = CallSearch { after: Some(self.after), limit: BATCH, ..CallSearch::default() };
        Ok(self.app.control.calls(&self.id, &search, self.app.time.now()).await?)
    }

    async fn read(&mut self) -> Result<(), ControlProblem> {
        let mut found = self.following().await?;
        if found.last < self.after {
            // The sandbox was reset, and counts from 1 again: what was looked for is not what there is.
            self.after = 0;
            found = self.following().await?;
        }
        let first = found.calls.first().map_or(found.last + 1, |call| call.number);
        let missed = first.saturating_sub(self.after + 1);
        if missed > 0 {
            self.waiting.push_back(Event::default().event("dropped").data(missed.to_string()));
            self.after += missed;
        }
        for call in &found.calls {
            self.after = call.number;
            self.waiting.push_back(event(call)?);
        }
        Ok(())
    }
}

fn event(call: &KeptCall) -> Result<Event, ControlProblem> {
    let event = Event::default().event("request").id(call.number.to_string());
    event.json_data(CallBody::from(call)).map_err(|_| ControlProblem::NotFound)
}
