use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{Durability, OpenError};
use crate::conformance;
use crate::memory::MemoryStore;
use crate::{Journal as _, Sandboxes as _, Store, StoreError, StoreOptions};

/// A directory for one test, removed when dropped.
struct Scratch(TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("data.db")
    }
}

async fn open(file: &Path) -> Result<MemoryStore, OpenError> {
    MemoryStore::open(file, Durability::Normal, StoreOptions::new(conformance::render)).await
}

async fn refused(file: &Path) -> String {
    match open(file).await {
        Ok(_) => panic!("it was opened"),
        Err(error) => error.to_string(),
    }
}

/// The memory backend's test of the same name lists the rules.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_passes_the_suite_of_every_backend() {
    let scratch = Scratch::new();
    let store = Arc::new(open(&scratch.file()).await.unwrap());
    conformance::all(Arc::clone(&store) as Arc<dyn Store>).await;
    store.close().await.unwrap();
}

/// A reopened store has the same contents.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_there_is_there_when_it_is_opened_again() {
    let scratch = Scratch::new();
    let store: Arc<dyn Store> = Arc::new(open(&scratch.file()).await.unwrap());
    conformance::all(Arc::clone(&store)).await;
    assert!(conformance::picture(&*store).await.len() > 20, "the suite leaves sandboxes behind");
    restart(&scratch.file(), store).await.close().await.unwrap();
}

/// Restarts a store on its file.
async fn restart(file: &Path, store: Arc<dyn Store>) -> Arc<dyn Store> {
    let before = conformance::picture(&*store).await;
    store.close().await.unwrap();
    let store = open(file).await.unwrap();
    for (before, after) in before.iter().zip(conformance::picture(&store).await) {
        // The texts are long: the message shows where the difference begins.
        let place = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(40);
        let part = |text: &str| text.get(place..).map(|rest| rest.chars().take(200).collect::<String>());
        assert!(*before == after, "{:?}\n{:?}", part(before), part(&after));
    }
    Arc::new(store)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Restarts between any calls have no effect.
    #[test]
    fn any_calls_bring_what_the_model_says_across_restarts(script in conformance::scripts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let scratch = Scratch::new();
        let file = scratch.file();
        runtime.block_on(async {
            let store = Arc::new(open(&file).await.unwrap());
            conformance::follow(store, script, async |store| restart(&file, store).await).await
        })?;
    }
}

/// The first state of a sandbox is stored beside the present one.
#[tokio::test]
async fn a_reset_after_a_restart_puts_back_what_a_sandbox_began_with() {
    let scratch = Scratch::new();
    let mut store: Arc<dyn Store> = Arc::new(open(&scratch.file()).await.unwrap());
    let [fresh, changed] = conformance::a_sandbox_and_what_was_done_with_its_copy(&*store).await;
    store = restart(&scratch.file(), store).await;
    conformance::reset(&*store, &changed).await;
    let store = restart(&scratch.file(), store).await;
    let [was, is] = [fresh, changed].map(|id| conformance::orders_of(&*store, id));
    assert_eq!(was.await, is.await);
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_with_the_reason_and_left_alone() {
    let scratch = Scratch::new();
    let file = scratch.file();
    std::fs::write(
        &file,
        "no database, whatever its name says, and long enough to be looked at as one".repeat(20),
    )
    .unwrap();
    let before = std::fs::read(&file).unwrap();
    assert!(refused(&file).await.contains("is not a data file"));
    assert_eq!(std::fs::read(&file).unwrap(), before);

    assert!(
        refused(&scratch.0.path().join("no/such/directory.db")).await.contains("its directory must exist")
    );
    assert!(refused(scratch.0.path()).await.contains("cannot be opened"));
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
    let scratch = Scratch::new();
    let options = SqliteConnectOptions::new().filename(scratch.file()).create_if_missing(true);
    let mut other = options.connect().await.unwrap();
    sqlx::query("CREATE TABLE notes (text TEXT)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let before = std::fs::read(scratch.file()).unwrap();
    assert!(refused(&scratch.file()).await.contains("is a database of another program"));
    assert_eq!(std::fs::read(scratch.file()).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_in_use_is_refused_and_free_when_it_is_closed() {
    let scratch = Scratch::new();
    let store = open(&scratch.file()).await.unwrap();
    assert!(refused(&scratch.file()).await.contains("is in use by another process"));
    store.close().await.unwrap();
    open(&scratch.file()).await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
    let scratch = Scratch::new();
    open(&scratch.file()).await.unwrap().close().await.unwrap();
    let mut newer = SqliteConnectOptions::new().filename(scratch.file()).connect().await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations VALUES (9999, 'later', 0, TRUE, x'00', 1)")
        .execute(&mut newer)
        .await
        .unwrap();
    newer.close().await.unwrap();
    assert!(refused(&scratch.file()).await.contains("was written by a newer version"));
}

/// A journal that cannot be written is dropped, and does not hold up other journals.
#[tokio::test]
async fn one_journal_that_cannot_be_written_holds_up_no_other() {
    let scratch = Scratch::new();
    let store = open(&scratch.file()).await.unwrap();
    let [_, good] = conformance::journal_at_its_end(&store).await;
    store.close().await.unwrap();
    assert_eq!(store.lost(), 1, "what could not be written is counted");
    let store = open(&scratch.file()).await.unwrap();
    let kept =
        store.calls(&good, &crate::CallSearch { limit: 9, ..Default::default() }, at(0)).await.unwrap();
    assert_eq!(kept.calls.len(), 1);
    store.close().await.unwrap();
}

fn at(millis: i64) -> supplier_domain::Timestamp {
    supplier_domain::Timestamp::from_millis(millis)
}

/// A server on a file, whose file a test deletes, moves or replaces.
async fn after(harm: impl FnOnce(&Path)) -> Result<usize, StoreError> {
    let scratch = Scratch::new();
    let store = open(&scratch.file()).await.unwrap();
    let sandbox = conformance::busy(&store).await;
    harm(&scratch.file());
    // The server's readiness fails without a call of a supplier.
    let noticed = async {
        while store.count(at(0)).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let noticed = tokio::time::timeout(std::time::Duration::from_secs(5), noticed).await;
    if noticed.is_ok() {
        assert!(matches!(store.reset(&sandbox, at(0)).await, Err(StoreError::FileGone)));
    }
    let said = store.count(at(0)).await;
    let _ = store.close().await;
    said
}

#[tokio::test]
async fn a_file_that_is_gone_is_noticed_and_nothing_is_taken_any_more() {
    let harms: [fn(&Path); 5] = [
        |file| std::fs::remove_file(file).unwrap(),
        |file| std::fs::rename(file, file.with_extension("moved")).unwrap(),
        |file| {
            let copy = file.with_extension("copy");
            std::fs::copy(file, &copy).unwrap();
            std::fs::rename(copy, file).unwrap();
        },
        |file| std::fs::File::options().write(true).open(file).unwrap().set_len(0).unwrap(),
        |file| std::fs::remove_file(format!("{}-wal", file.display())).unwrap(),
    ];
    for (index, harm) in harms.into_iter().enumerate() {
        let said = after(harm).await;
        assert!(matches!(said, Err(StoreError::FileGone)), "{index}: {said:?}");
    }
}

/// A file that is moved away and back is the same file.
#[tokio::test]
async fn a_file_that_is_put_back_is_written_to_again() {
    let scratch = Scratch::new();
    let (file, away) = (scratch.file(), scratch.file().with_extension("away"));
    let store = open(&file).await.unwrap();
    std::fs::rename(&file, &away).unwrap();
    while store.count(at(0)).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    std::fs::rename(&away, &file).unwrap();
    while store.count(at(0)).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let sandbox = conformance::busy(&store).await;
    store.close().await.unwrap();
    let store = open(&file).await.unwrap();
    assert!(store.sandbox(&sandbox, at(0)).await.is_ok());
    store.close().await.unwrap();
}

/// Older versions stored all accounts of an order in its document, in each layer.
#[tokio::test]
async fn accounts_of_a_file_of_an_older_version_are_all_there() {
    use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
    let scratch = Scratch::new();
    let store: Arc<dyn Store> = Arc::new(open(&scratch.file()).await.unwrap());
    conformance::all(Arc::clone(&store)).await;
    let before = conformance::picture(&*store).await;
    store.close().await.unwrap();
    let mut older = SqliteConnectOptions::new().filename(scratch.file()).connect().await.unwrap();
    for statement in [
        // The accounts of a layer follow those of the layers below, as in the documents.
        "CREATE TEMP TABLE whole AS WITH one AS (SELECT layer, number, first + key AS place, value AS account
                FROM accounts, json_each(document)),
            below AS (SELECT number AS layer, -number AS origin, ground FROM sandboxes
                UNION ALL SELECT -number, -number, ground FROM sandboxes),
            every AS (SELECT o.layer, o.number, one.place, one.account FROM orders o JOIN one
                ON one.number = o.number AND (one.layer = o.layer OR EXISTS (SELECT 1 FROM below
                WHERE below.layer = o.layer AND one.layer IN (below.origin, below.ground))))
            SELECT layer, number, json_group_array(json(account)) AS accounts
            FROM (SELECT * FROM every ORDER BY layer, number, place) GROUP BY layer, number",
        "UPDATE orders SET document = json_set(document, '$.order.accounts', json(whole.accounts))
            FROM whole WHERE whole.layer = orders.layer AND whole.number = orders.number",
        "DROP TABLE accounts",
        "DELETE FROM _sqlx_migrations WHERE version = 2",
    ] {
        sqlx::query(statement).execute(&mut older).await.unwrap();
    }
    older.close().await.unwrap();
    let store = open(&scratch.file()).await.unwrap();
    assert!(before == conformance::picture(&store).await);
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let scratch = Scratch::new();
    open(&scratch.file()).await.unwrap().close().await.unwrap();
    let mut bytes = std::fs::read(scratch.file()).unwrap();
    let page = bytes.len() / 2;
    bytes[page..].fill(0x5a);
    std::fs::write(scratch.file(), &bytes).unwrap();
    let said = refused(&scratch.file()).await;
    assert!(said.contains("is damaged"), "{said}");
}
