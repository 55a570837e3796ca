use futures::FutureExt as _;

use super::*;

fn sandbox(id: &str) -> SandboxId {
    id.parse().unwrap()
}

/// A connection of many requests does not take what there is while its client reads nothing.
#[tokio::test]
async fn while_memory_is_scarce_a_connection_gets_no_more_than_its_share() {
    let limits = Limits { held_bytes: 1 << 20, ..Limits::default() };
    let held = Held::new(&limits);
    let (greedy, modest) = (held.watch(), held.watch());
    let unread = greedy.holder().charge_answer(limits.held_bytes / 4, false);
    assert!(greedy.holder().room().now_or_never().is_some(), "there is plenty");
    let more = greedy.holder().charge_answer(limits.held_bytes / 2, false);
    assert!(greedy.holder().room().now_or_never().is_none());
    assert!(modest.holder().room().now_or_never().is_some(), "others are served");
    tokio::join!(greedy.holder().room(), async { drop(more) });
    drop(unread);
}

/// No large answer is made while those that nobody reads hold their part of the bound. One that waits has such
/// connections closed; the others keep theirs.
#[tokio::test(start_paused = true)]
async fn a_large_answer_waits_until_those_who_do_not_read_are_closed() {
    let limits = Limits { held_bytes: 1 << 20, ..Limits::default() };
    let held = Held::new(&limits);
    let (deaf, reading, asking) = (held.watch(), held.watch(), held.watch());
    let unread = deaf.holder().charge_answer(limits.held_bytes / 4 * 3, true);
    let steps = Arc::<Steps>::default();
    steps.hand_over();
    deaf.holder().follow(&steps);
    let wanted = sandbox("wanted");
    let ask = || asking.holder().large_answer(&wanted);
    assert!(ask().now_or_never().is_none(), "large answers hold their part");
    let deaf = async {
        deaf.closed().await;
        drop((deaf, unread));
    };
    tokio::select! {
        () = held.keep_within_bounds() => unreachable!("it has no end"),
        _ = async { tokio::join!(ask(), deaf) } => {}
    }
    assert!(reading.closed().now_or_never().is_none());
}

/// Large answers of a sandbox are made one after the other, and hold up no other sandbox's.
#[tokio::test]
async fn a_large_answer_waits_for_those_of_its_own_sandbox_only() {
    let held = Held::new(&Limits::default());
    let (one, other) = (held.watch(), held.watch());
    let (busy, calm) = (sandbox("busy"), sandbox("calm"));
    let permit = one.holder().large_answer(&busy).await;
    assert!(other.holder().large_answer(&busy).now_or_never().is_none(), "one at a time");
    assert!(other.holder().large_answer(&calm).now_or_never().is_some(), "another sandbox does not wait");
    drop(permit);
    assert!(other.holder().large_answer(&busy).now_or_never().is_some());
}

/// An answer that could not even be begun, for want of an HTTP/2 window say, makes no progress either.
#[tokio::test(start_paused = true)]
async fn an_answer_that_stalls_ends_its_connection_though_no_piece_of_it_waits() {
    let limits = Limits::default();
    let held = Held::new(&limits);
    let stalled = held.watch();
    let steps = Arc::<Steps>::default();
    stalled.holder().follow(&steps);
    tokio::time::advance(limits.stall_timeout.saturating_sub(Duration::from_millis(1))).await;
    held.close_stalled();
    assert!(stalled.closed().now_or_never().is_none());
    tokio::time::advance(Duration::from_millis(1)).await;
    held.close_stalled();
    assert!(stalled.closed().now_or_never().is_some());
}

/// A client that is slow because the server is keeps its connection once it has read.
#[tokio::test(start_paused = true)]
async fn a_client_that_reads_before_its_connection_is_closed_keeps_it() {
    let held = Held::new(&Limits { held_bytes: 1 << 20, ..Limits::default() });
    let slow = held.watch();
    let _unread = slow.holder().charge_answer(2 << 20, false);
    let steps = Arc::<Steps>::default();
    steps.hand_over();
    slow.holder().follow(&steps);
    tokio::time::advance(PATIENCE).await;
    held.make_room();
    steps.leave(held.now());
    assert!(slow.closed().now_or_never().is_none(), "it has read");
    steps.hand_over();
    tokio::time::advance(PATIENCE).await;
    held.make_room();
    assert!(slow.closed().now_or_never().is_some());
}
