//! Progress of a run, on a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use supplier_sandbox::rehearsal::Progress;

/// A progress bar on stderr. Where stderr is no terminal, it shows nothing.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(budget: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(budget as u64), ProgressDrawTarget::stderr());
        let style =
            ProgressStyle::with_template("{bar:30} {pos} of at most {len} rehearsals, {msg} [{elapsed}]");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message("the first without mishaps");
        bar.tick();
        Self(bar)
    }

    pub(super) fn tell(&mut self, progress: &Progress) {
        match progress {
            Progress::Opened { mode, calls } => {
                self.0.set_position(1);
                self.0.set_message(format!("{}, {calls}", mode.as_str()));
            }
            Progress::Rehearsed { done, findings } => {
                self.0.set_position(*done as u64);
                self.0.set_message(found(*findings));
            }
            Progress::Confirming { done, findings } => {
                self.0.set_message(format!("confirming finding {} of {findings}", done + 1));
            }
        }
    }

    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

fn found(findings: usize) -> String {
    match findings {
        0 => "nothing found".to_owned(),
        1 => "1 finding".to_owned(),
        more => format!("{more} findings"),
    }
}
