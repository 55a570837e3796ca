//! Every order, handed out once.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::load::{Connection, to_f64};
use crate::process::Server;
use crate::requests::{EVERYTHING, list};
use crate::table::{Rounds, Row, Target};
use crate::{Failure, scenario};

const ORDERS: usize = 1_000_000;
const CALLERS: usize = 16;
const ROUNDS: usize = 3;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let scenario = scenario::write(directory, ORDERS as u64)?;
    let (mut per_second, mut kilobytes) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let server = Server::sandbox(directory, &scenario, 30)?;
        let began = Instant::now();
        drain(&server).await?;
        per_second.push(to_f64(ORDERS as u64) / began.elapsed().as_secs_f64());
        kilobytes.push(to_f64(server.resident_bytes()?) / 1_024.0 / to_f64(ORDERS as u64));
    }
    Ok(vec![
        Row::new(
            "Draining 1,000,000 orders, pages of 500, 16 callers, each order once",
            &Rounds::new(per_second),
            0,
            " orders/s",
            Target::Told,
        ),
        Row::new("Memory per order once all are withheld", &Rounds::new(kilobytes), 2, " KB", Target::Told),
    ])
}

/// Hands every order out, by all callers at once.
async fn drain(server: &Server) -> Result<(), Failure> {
    let seen = Rc::new(RefCell::new(vec![false; ORDERS]));
    let callers = LocalSet::new();
    let mut tasks = Vec::new();
    for _ in 0..CALLERS {
        let (mut connection, seen) = (Connection::open(server).await?, Rc::clone(&seen));
        let request = list(server, &format!("{EVERYTHING}&limit=500"));
        tasks.push(callers.spawn_local(async move {
            while mark(connection.call(&request).await?, &mut seen.borrow_mut())? > 0 {}
            Ok::<_, Failure>(())
        }));
    }
    callers
        .run_until(async {
            for task in tasks {
                task.await??;
            }
            Ok::<_, Failure>(())
        })
        .await?;
    match seen.borrow().iter().filter(|seen| !**seen).count() {
        0 => Ok(()),
        missing => Err(format!("{missing} orders were never handed out").into()),
    }
}

/// Notes the orders of a page, of which none may have been seen before. Returns how many there are.
fn mark(page: &[u8], seen: &mut [bool]) -> Result<usize, Failure> {
    // Reading the whole of a million orders would take the machine from the server; this field stands once in each.
    let orders = std::str::from_utf8(page)?.split(r#"},{"id":"#).flat_map(|part| part.split(r#"[{"id":"#));
    let mut count = 0;
    for order in orders.filter(|part| part.starts_with(|first: char| first.is_ascii_digit())) {
        let digits = order.split(',').next().unwrap_or_default();
        let number: u64 = digits.parse()?;
        let index = number.checked_sub(scenario::FIRST_ORDER).and_then(|index| usize::try_from(index).ok());
        let seen = index.and_then(|index| seen.get_mut(index)).ok_or("an order that is none")?;
        if std::mem::replace(seen, true) {
            return Err(format!("order {number} was handed out twice").into());
        }
        count += 1;
    }
    Ok(count)
}
