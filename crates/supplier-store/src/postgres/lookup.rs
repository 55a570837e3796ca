//! Batched lookups: calls that ask at the same time share one query.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

/// Questions that wait, each with who asks.
type Waiting<Q, A> = Vec<(Q, oneshot::Sender<A>)>;

/// Those who ask while an earlier question is under way are asked for together, once that is answered.
pub(super) struct Lookup<Q, A>(Mutex<State<Q, A>>);

struct State<Q, A> {
    waiting: Waiting<Q, A>,
    is_asking: bool,
}

impl<Q, A> Default for Lookup<Q, A> {
    fn default() -> Self {
        Self(Mutex::new(State { waiting: Vec::new(), is_asking: false }))
    }
}

impl<Q: Clone + Send + 'static, A: Send + 'static> Lookup<Q, A> {
    /// Asks `question`. `ask` answers many in their order, or fails for all of them: then `None` is returned.
    pub(super) async fn ask<F>(
        self: &Arc<Self>,
        question: Q,
        ask: impl Fn(Vec<Q>) -> F + Send + 'static,
    ) -> Option<A>
    where
        F: Future<Output = Option<Vec<A>>> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let is_first = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.waiting.push((question, sender));
            !std::mem::replace(&mut state.is_asking, true)
        };
        if is_first {
            // On its own: whoever asks may go away, and others wait for the same.
            tokio::spawn(Arc::clone(self).ask_all(ask));
        }
        answer.await.ok()
    }

    async fn ask_all<F>(self: Arc<Self>, ask: impl Fn(Vec<Q>) -> F + Send + 'static)
    where
        F: Future<Output = Option<Vec<A>>> + Send + 'static,
    {
        loop {
            let waiting = {
                let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if state.waiting.is_empty() {
                    state.is_asking = false;
                    return;
                }
                std::mem::take(&mut state.waiting)
            };
            let answers = ask(waiting.iter().map(|(question, _)| question.clone()).collect()).await;
            for ((_, sender), answer) in waiting.into_iter().zip(answers.unwrap_or_default()) {
                let _ = sender.send(answer);
            }
        }
    }
}
