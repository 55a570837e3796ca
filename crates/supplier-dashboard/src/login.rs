//! Login and logout.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use supplier_control::{Control, SandboxId, Session};
use supplier_domain::{Supplier, SupplierId, counted};

use crate::access::{
    AdminVisitor, COOKIE, Client, OptionalVisitor, PageForm, PageQuery, Visitor, is_foreign,
};
use crate::failure::Failure;
use crate::onward::onward;
use crate::pages::html;
use crate::password::Checked;
use crate::throttle::Who;
use crate::{Admin, Dashboard};

#[derive(Template)]
#[template(path = "login.html")]
struct Page<'a> {
    next: &'a str,
    email: &'a str,
    problem: Option<&'a str>,
    /// Suppliers that anybody may open with one click.
    suppliers: &'a [Supplier],
    /// The password, if it is no secret.
    password: Option<&'a str>,
    /// Whether no password is needed.
    is_open: bool,
    sandbox: &'a str,
}

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
    /// Sandbox that an admin opens.
    #[serde(default)]
    sandbox: String,
}

async fn page(
    dashboard: &Dashboard,
    (next, sandbox): (&str, &str),
    email: &str,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let suppliers = dashboard.control().suppliers(&Control::default_sandbox(), dashboard.now()).await?;
    html(&Page {
        next: &onward(next),
        email,
        problem,
        suppliers: if dashboard.is_open() { &suppliers } else { &[] },
        password: (!dashboard.setup.is_password_secret).then_some(&*dashboard.setup.password),
        is_open: dashboard.is_open(),
        sandbox: if sandbox.is_empty() { "default" } else { sandbox },
    })
}

pub(crate) async fn show(
    State(dashboard): State<Dashboard>,
    PageQuery(asked): PageQuery<Next>,
    OptionalVisitor(visitor): OptionalVisitor,
) -> Result<Response, Failure> {
    if visitor.is_some() {
        return Ok(Redirect::to(&onward(&asked.next)).into_response());
    }
    page(&dashboard, (&asked.next, &asked.sandbox), "", None).await
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Maximum length of an e-mail address in bytes (RFC 5321).
const MAX_EMAIL: usize = 254;

impl Credentials {
    /// E-mail address that the form shows again.
    fn shown_email(&self) -> &str {
        if self.email.len() > MAX_EMAIL { "" } else { &self.email }
    }
}

/// Logs a supplier of the default sandbox in, by e-mail address and password.
pub(crate) async fn enter(
    State(dashboard): State<Dashboard>,
    Client(client): Client,
    headers: HeaderMap,
    PageForm(mut given): PageForm<Credentials>,
) -> Result<Response, Failure> {
    let now = dashboard.now();
    let sandbox = Control::default_sandbox();
    let email = given.email.trim().to_lowercase();
    let suppliers = dashboard.control().suppliers(&sandbox, now).await?;
    let supplier = suppliers.into_iter().find(|supplier| supplier.email.to_lowercase() == email);
    let password = std::mem::take(&mut given.password);
    let who = Who { name: &email, client, browser: dashboard.browsers.read(&headers, &email) };
    let checked = dashboard.passwords.check(&who, supplier.is_some(), password, now).await;
    let (status, problem) = match (checked, supplier) {
        (Checked::Right, Some(supplier)) => {
            let is_admin = dashboard.is_open();
            let mut response = begin(&dashboard, (sandbox, supplier.id, is_admin), &given.next).await?;
            if who.browser.is_none()
                && let Some(cookie) = dashboard.browsers.cookie(&email, dashboard.secure())
            {
                append_cookie(&mut response, &cookie);
            }
            return Ok(response);
        }
        (Checked::Wait(seconds), _) => return wait(&dashboard, &given, seconds).await,
        _ if email.len() > MAX_EMAIL => (
            StatusCode::UNAUTHORIZED,
            format!(
                "No supplier has this e-mail address and password. The e-mail address is {} bytes long, and none is \
                 longer than {MAX_EMAIL}: check what you pasted.",
                email.len()
            ),
        ),
        // The message does not tell which of the two was wrong.
        _ => (StatusCode::UNAUTHORIZED, "No supplier has this e-mail address and password.".to_owned()),
    };
    let page = page(&dashboard, (&given.next, ""), given.shown_email(), Some(&problem)).await?;
    Ok((status, page).into_response())
}

async fn wait(dashboard: &Dashboard, given: &Credentials, seconds: u64) -> Result<Response, Failure> {
    let problem = format!("Too many wrong passwords. Try again in {}.", counted(seconds, "second"));
    let page = page(dashboard, (&given.next, ""), given.shown_email(), Some(&problem)).await?;
    let retry_after = [(header::RETRY_AFTER, seconds.to_string())];
    Ok((StatusCode::TOO_MANY_REQUESTS, retry_after, page).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Opened {
    supplier: SupplierId,
    #[serde(default)]
    next: String,
}

/// Logs in with one click, if only this machine can reach the server.
pub(crate) async fn open(
    State(dashboard): State<Dashboard>,
    PageForm(opened): PageForm<Opened>,
) -> Result<Response, Failure> {
    if !dashboard.is_open() {
        return Err(Failure::new(StatusCode::FORBIDDEN, "Log in with your e-mail address and password."));
    }
    let (sandbox, now) = (Control::default_sandbox(), dashboard.now());
    let suppliers = dashboard.control().suppliers(&sandbox, now).await?;
    if !suppliers.iter().any(|supplier| supplier.id == opened.supplier) {
        return Err(Failure::new(StatusCode::NOT_FOUND, "The sandbox has no such supplier."));
    }
    begin(&dashboard, (sandbox, opened.supplier, true), &opened.next).await
}

#[derive(Deserialize)]
pub(crate) struct Token {
    #[serde(rename = "token")]
    given: String,
    sandbox: String,
    #[serde(default)]
    next: String,
}

/// Logs an admin in by the admin token, into any sandbox.
pub(crate) async fn admin(
    State(dashboard): State<Dashboard>,
    PageForm(token): PageForm<Token>,
) -> Result<Response, Failure> {
    let Admin::Token(knows) = &dashboard.setup.admin else {
        return Err(Failure::new(StatusCode::NOT_FOUND, "This server has no admin token."));
    };
    if !knows(token.given.trim().as_bytes()) {
        let page =
            page(&dashboard, (&token.next, &token.sandbox), "", Some("This is not the admin token.")).await?;
        return Ok((StatusCode::UNAUTHORIZED, page).into_response());
    }
    into_sandbox(&dashboard, &token.sandbox, &token.next).await
}

/// Opens a sandbox by its link, on this machine.
pub(crate) async fn link(
    State(dashboard): State<Dashboard>,
    Path(sandbox): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if is_foreign(&headers) {
        let why = "A page of another site links here. If you trust the link, paste it into the address bar.";
        return Err(Failure::new(StatusCode::FORBIDDEN, why));
    }
    if !dashboard.is_open() {
        return Ok(Redirect::to(&format!("/login?sandbox={}", named(&sandbox)?)).into_response());
    }
    into_sandbox(&dashboard, &sandbox, "/").await
}

fn named(sandbox: &str) -> Result<SandboxId, Failure> {
    let unknown = || Failure::new(StatusCode::NOT_FOUND, "This sandbox does not exist, or has ended.");
    sandbox.trim().parse().map_err(|_| unknown())
}

async fn into_sandbox(dashboard: &Dashboard, sandbox: &str, next: &str) -> Result<Response, Failure> {
    let (sandbox, now) = (named(sandbox)?, dashboard.now());
    let suppliers = dashboard.control().suppliers(&sandbox, now).await?;
    let Some(first) = suppliers.into_iter().next() else {
        return Err(Failure::new(StatusCode::NOT_FOUND, "The sandbox has no supplier."));
    };
    begin(dashboard, (sandbox, first.id, true), next).await
}

/// Begins a session of a supplier in a sandbox, as an admin or not.
async fn begin(
    dashboard: &Dashboard,
    (sandbox, supplier, is_admin): (SandboxId, SupplierId, bool),
    next: &str,
) -> Result<Response, Failure> {
    let session = Session { sandbox, supplier, is_admin, notice: None };
    let id = dashboard.control().begin_session(session, dashboard.now()).await?;
    let mut response = Redirect::to(&onward(next)).into_response();
    set_cookie(&mut response, &id, dashboard.secure());
    Ok(response)
}

fn set_cookie(response: &mut Response, id: &str, more: &str) {
    append_cookie(response, &format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Strict{more}"));
}

fn append_cookie(response: &mut Response, cookie: &str) {
    // Ids and signatures are hexadecimal digits.
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Ends the session. Its cookie opens nothing any more.
pub(crate) async fn leave(
    State(dashboard): State<Dashboard>,
    OptionalVisitor(visitor): OptionalVisitor,
) -> Result<Response, Failure> {
    if let Some(visitor) = visitor {
        dashboard.control().end_session(&visitor.id).await?;
    }
    let mut response = Redirect::to("/login").into_response();
    set_cookie(&mut response, "", "; Max-Age=0");
    Ok(response)
}

#[derive(Deserialize)]
pub(crate) struct Switched {
    sandbox: String,
    supplier: SupplierId,
}

/// Switches an admin to another supplier, in this sandbox or in another.
pub(crate) async fn switch(
    State(dashboard): State<Dashboard>,
    AdminVisitor(Visitor { id, session }): AdminVisitor,
    PageForm(to): PageForm<Switched>,
) -> Result<Response, Failure> {
    let sandbox = named(&to.sandbox)?;
    let suppliers = dashboard.control().suppliers(&sandbox, dashboard.now()).await?;
    if !suppliers.iter().any(|supplier| supplier.id == to.supplier) {
        return Err(Failure::new(StatusCode::NOT_FOUND, "That sandbox has no such supplier."));
    }
    let session = Session { sandbox, supplier: to.supplier, ..session };
    dashboard.control().change_session(&id, session).await?;
    Ok(Redirect::to("/").into_response())
}
