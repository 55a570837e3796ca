//! Layers in a SQLite file.

use sqlx::SqliteConnection;

use crate::stored::{Layer, parts, written};

pub(super) async fn write(layer: &Layer, number: i64, to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for rows in parts(&layer.orders, |(_, document)| document.len()) {
        let statement = "INSERT OR REPLACE INTO orders SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)";
        sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
    }
    for rows in parts(&layer.accounts, |(.., document)| document.len()) {
        let statement = "INSERT OR REPLACE INTO accounts SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)";
        sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
    }
    for rows in parts(&layer.interaction, |(.., document)| document.len()) {
        let statement =
            "INSERT OR REPLACE INTO dealt SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)";
        sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
    }
    for rows in parts(&layer.delivered, |(_, account, _)| account.len()) {
        let statement = "INSERT OR REPLACE INTO delivered SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)";
        sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
    }
    Ok(())
}

pub(super) async fn read(number: i64, from: &mut SqliteConnection) -> Result<Layer, sqlx::Error> {
    let orders = sqlx::query_as("SELECT number, document FROM orders WHERE layer = ? ORDER BY number");
    let accounts = sqlx::query_as("SELECT number, first, document FROM accounts WHERE layer = ?");
    let interaction = sqlx::query_as("SELECT supplier, number, document FROM dealt WHERE layer = ?");
    let delivered = sqlx::query_as("SELECT supplier, fingerprint, number FROM delivered WHERE layer = ?");
    Ok(Layer {
        orders: orders.bind(number).fetch_all(&mut *from).await?,
        accounts: accounts.bind(number).fetch_all(&mut *from).await?,
        interaction: interaction.bind(number).fetch_all(&mut *from).await?,
        delivered: delivered.bind(number).fetch_all(&mut *from).await?,
    })
}

pub(super) async fn delete(number: i64, from: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM orders WHERE layer = ?",
        "DELETE FROM accounts WHERE layer = ?",
        "DELETE FROM dealt WHERE layer = ?",
        "DELETE FROM delivered WHERE layer = ?",
    ] {
        sqlx::query(statement).bind(number).execute(&mut *from).await?;
    }
    Ok(())
}
