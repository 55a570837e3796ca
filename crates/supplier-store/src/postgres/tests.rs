use std::env;
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use super::{DatabaseError, PostgresStore};
use supplier_domain::{ClockChange, Timestamp};

use crate::conformance;
use crate::{Journal as _, OrderSearch, Orders as _, Sandboxes as _, Store, StoreOptions};

/// The database server on which tests create databases.
fn server() -> String {
    let usual = || "postgres://postgres@127.0.0.1:5432/postgres".to_owned();
    env::var("SUPPLIER_TEST_DATABASE_URL").unwrap_or_else(|_| usual())
}

/// A database for one test.
struct Database {
    name: String,
}

impl Database {
    /// `None` without a database server: the test is skipped then, but fails in CI.
    async fn new() -> Option<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut connection = match PgConnection::connect(&server()).await {
            Ok(connection) => connection,
            Err(cause) if env::var_os("CI").is_none_or(|ci| ci != "true") => {
                eprintln!(
                    "skipped: no PostgreSQL to test with ({cause}): name one in SUPPLIER_TEST_DATABASE_URL"
                );
                return None;
            }
            Err(cause) => {
                panic!("no PostgreSQL to test with ({cause}): name one in SUPPLIER_TEST_DATABASE_URL")
            }
        };
        let name = format!("supplier_store_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        for statement in
            [format!("DROP DATABASE IF EXISTS {name} (FORCE)"), format!("CREATE DATABASE {name}")]
        {
            sqlx::query(&statement).execute(&mut connection).await.unwrap();
        }
        Some(Self { name })
    }

    fn url(&self) -> String {
        let server = server();
        format!("{}/{}", server.rsplit_once('/').unwrap().0, self.name)
    }

    async fn open(&self) -> PostgresStore {
        PostgresStore::connect(&self.url(), StoreOptions::new(conformance::render)).await.unwrap()
    }

    async fn execute(&self, statement: &'static str) {
        let options = PgConnectOptions::from_str(&self.url()).unwrap();
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }

    async fn drop(self) {
        let mut connection = PgConnection::connect(&server()).await.unwrap();
        let statement = format!("DROP DATABASE {} (FORCE)", self.name);
        sqlx::query(&statement).execute(&mut connection).await.unwrap();
    }
}

async fn refused(url: &str) -> String {
    match PostgresStore::connect(url, StoreOptions::new(conformance::render)).await {
        Ok(_) => panic!("it was connected to"),
        Err(error) => error.to_string(),
    }
}

/// The memory backend's test of the same name lists the rules.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_passes_the_suite_of_every_backend() {
    let Some(database) = Database::new().await else { return };
    let store = Arc::new(database.open().await);
    conformance::all(Arc::clone(&store) as Arc<dyn Store>).await;
    // The first read of a clock that runs stores a time a moment ahead.
    conformance::picture(&*store).await;
    let before = conformance::picture(&*store).await;
    store.close().await.unwrap();
    let store = database.open().await;
    assert!(before == conformance::picture(&store).await, "another server sees the same");
    store.close().await.unwrap();
    database.drop().await;
}

/// Calls of a script alternate between two servers on one database.
#[test]
fn any_calls_bring_what_the_model_says_by_two_servers() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some(database) = runtime.block_on(Database::new()) else { return };
    let open = || -> Arc<dyn Store> { Arc::new(runtime.block_on(database.open())) };
    let servers = [open(), open()];
    let mut runner =
        TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() });
    let followed = runner.run(&conformance::scripts(), |script| {
        let mut turn = 0;
        let other = async |_: Arc<dyn Store>| {
            turn += 1;
            Arc::clone(&servers[turn % 2])
        };
        runtime.block_on(conformance::follow(Arc::clone(&servers[0]), script, other))
    });
    followed.unwrap_or_else(|difference| panic!("{difference}"));
    runtime.block_on(async {
        for server in servers {
            server.close().await.unwrap();
        }
        database.drop().await;
    });
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_named_with_the_reason_and_without_the_password() {
    let Some(database) = Database::new().await else { return };
    let said = refused("postgres://nobody:hunter2@127.0.0.1:1/none").await;
    assert!(said.contains("127.0.0.1:1 cannot be reached"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(refused("mysql://nobody@127.0.0.1/none").await.contains("postgres://USER"));
    let said = refused(&format!("{}_not_there", database.url())).await;
    assert!(said.contains("there is no database of that name"), "{said}");
    database.drop().await;
}

#[tokio::test]
async fn tables_of_another_program_or_a_newer_version_are_left_alone() {
    let Some(database) = Database::new().await else { return };
    database.execute("CREATE TABLE orders (id int)").await;
    assert!(refused(&database.url()).await.contains("tables of another program"));
    database.execute("DROP TABLE orders").await;
    database.open().await.close().await.unwrap();
    database.execute("INSERT INTO _sqlx_migrations VALUES (9999, 'later', now(), TRUE, ''::bytea, 1)").await;
    assert!(refused(&database.url()).await.contains("written by a newer version"));
    database.drop().await;
}

/// Several servers may start on an empty database at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_at_once_make_the_tables_once() {
    let Some(database) = Database::new().await else { return };
    let url = database.url();
    let start = || PostgresStore::connect(&url, StoreOptions::new(conformance::render));
    let (first, second, third) = tokio::join!(start(), start(), start());
    for store in [first, second, third] {
        let store = store.map_err(|error: DatabaseError| error.to_string()).unwrap();
        store.close().await.unwrap();
    }
    database.drop().await;
}

/// On one thread, no journal is written while calls arrive without a pause.
#[tokio::test]
async fn calls_that_come_faster_than_they_are_written_give_way_and_are_counted() {
    let Some(database) = Database::new().await else { return };
    let store = database.open().await;
    assert_eq!(conformance::flood(&store).await, store.lost());
    store.close().await.unwrap();
    database.drop().await;
}

/// A journal that cannot be written is dropped, and does not hold up other journals.
#[tokio::test]
async fn one_journal_that_cannot_be_written_holds_up_no_other() {
    let Some(database) = Database::new().await else { return };
    let store = database.open().await;
    let [_, good] = conformance::journal_at_its_end(&store).await;
    store.close().await.unwrap();
    assert_eq!(store.lost(), 1, "what could not be written is counted");
    let store = database.open().await;
    let search = crate::CallSearch { limit: 9, ..Default::default() };
    let kept = store.calls(&good, &search, Timestamp::from_millis(0)).await.unwrap();
    assert_eq!(kept.calls.len(), 1);
    store.close().await.unwrap();
    database.drop().await;
}

/// The clocks of servers may differ. A sandbox's clock never goes back, whichever server reads it.
#[tokio::test]
async fn a_clock_goes_on_whichever_server_is_asked() {
    let Some(database) = Database::new().await else { return };
    let [ahead, behind] = [database.open().await, database.open().await];
    let start = 1_800_000_000_000;
    let [sandbox, _] = conformance::a_sandbox_and_what_was_done_with_its_copy(&ahead).await;
    let server = |millis: i64| Timestamp::from_millis(start + millis);
    ahead.change_clock(&sandbox, ClockChange::RUN, server(0)).await.unwrap().unwrap();
    let mut last = server(0);
    for seconds in 0..20 {
        // One server's time is ten minutes ahead of the other's. Both only read.
        let (millis, ten_minutes) = (seconds * 1_000, 600_000);
        let calls =
            [(&behind, millis), (&ahead, millis + ten_minutes), (&behind, millis + 1), (&behind, millis + 2)];
        for (index, (store, server_millis)) in calls.into_iter().enumerate() {
            let now = store.clock(&sandbox, server(server_millis)).await.unwrap().now;
            assert!(now >= last, "it went back from {last} to {now} at second {seconds}, call {index}");
            last = now;
        }
        let found = behind.find_orders(&sandbox, &OrderSearch::default(), server(millis)).await.unwrap();
        assert_eq!(found.total, 3);
    }
    assert!(last >= server(600_000 + 19_000), "it goes on: {last}");
    for store in [ahead, behind] {
        store.close().await.unwrap();
    }
    database.drop().await;
}

/// The number of full scans of each table since the counts were reset.
async fn full_scans(database: &Database) -> Vec<(String, i64)> {
    let options = PgConnectOptions::from_str(&database.url()).unwrap();
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    let statement = "SELECT relname::text, seq_scan FROM pg_stat_user_tables
        WHERE seq_scan > 0 AND relname NOT LIKE '\\_sqlx%' ORDER BY relname";
    sqlx::query_as(statement).fetch_all(&mut connection).await.unwrap()
}

/// The calls of suppliers use indexes, however many other sandboxes there are.
#[tokio::test]
async fn no_call_of_a_supplier_reads_a_table_from_end_to_end() {
    let Some(database) = Database::new().await else { return };
    let store = database.open().await;
    let sandbox = conformance::busy(&store).await;
    store.close().await.unwrap();
    // Thousands of copies of the sandbox.
    for statement in [
        "INSERT INTO grounds SELECT number + 1000000 * n, suppliers FROM grounds, generate_series(1, 2000) n",
        "INSERT INTO sandboxes SELECT number + 1000000 * n, name || n, 0, live + 1000000 * n, is_armed,
            expires_at, ground + 1000000 * (n % 50 + 1), scenario, seed, window_minutes, account_dedup,
            fingerprint_key, suppliers, created_at, origin, state FROM sandboxes, generate_series(1, 2000) n",
        "INSERT INTO keys (hash, id, prefix, sandbox, supplier, created_at)
            SELECT sha256(hash || n::text::bytea), id || n, prefix, sandbox + 1000000 * n, supplier, created_at
            FROM keys, generate_series(1, 2000) n",
        "INSERT INTO orders SELECT layer + 1000000 * n, number, version, document
            FROM orders, generate_series(1, 50) n WHERE layer > 0",
        "INSERT INTO accounts SELECT layer + 1000000 * n, number, first, version, document
            FROM accounts, generate_series(1, 2000) n WHERE layer > 0",
        "INSERT INTO handed_out SELECT layer + 1000000 * n, supplier, number, version, document
            FROM handed_out, generate_series(1, 2000) n WHERE layer > 0",
        "INSERT INTO delivered SELECT layer + 1000000 * n, supplier, fingerprint, version, number
            FROM delivered, generate_series(1, 2000) n WHERE layer > 0",
        "INSERT INTO journals SELECT sandbox + 1000000 * n, last, bytes FROM journals, generate_series(1, 2000) n",
        "INSERT INTO calls SELECT sandbox + 1000000 * n, number, request, size, document
            FROM calls, generate_series(1, 2000) n",
        "INSERT INTO scorecards SELECT sandbox + 1000000 * n, supplier, document
            FROM scorecards, generate_series(1, 2000) n",
        "ANALYZE",
        "SELECT pg_stat_reset()",
    ] {
        database.execute(statement).await;
    }
    // Two servers, so that each reads the changes of the other.
    let servers = [database.open().await, database.open().await];
    for server in servers.iter().cycle().take(40) {
        conformance::use_busy(server, &sandbox).await;
    }
    for server in &servers {
        server.close().await.unwrap();
    }
    // Connections report their counts when they end.
    assert_eq!(full_scans(&database).await, []);
    database.drop().await;
}
