//! Processes that a worker started and that have left its process group.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// How often processes are looked for. A process that the system does not let die is left.
const MAX_SCANS: u32 = 20;

/// Kills every process whose environment has the variable `name` with a value that begins with `value`, and what those start
/// meanwhile. Needs `/proc`; elsewhere it does nothing.
pub(super) fn kill(name: &str, value: &str) {
    let mark = format!("{name}={value}");
    for _ in 0..MAX_SCANS {
        if !kill_once(mark.as_bytes()) {
            return;
        }
    }
}

/// Returns whether there was a process to kill.
fn kill_once(mark: &[u8]) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return false };
    let mut has_killed = false;
    for process in processes.flatten() {
        let Some(id) = process.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // Of another user, or gone. A process that was killed has no environment any more.
        let Ok(environment) = fs::read(process.path().join("environ")) else { continue };
        if environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(mark))
            && let Some(id) = Pid::from_raw(id)
        {
            has_killed |= kill_process(id, Signal::KILL).is_ok();
        }
    }
    has_killed
}
