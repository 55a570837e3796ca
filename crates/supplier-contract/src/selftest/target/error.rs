//! Errors, and how they look.

use serde_json::{Value, json};

use super::Defect;
use super::server::{Asked, Reply};
use super::world::World;

/// Why a request is refused.
#[derive(Debug, Clone)]
pub(super) enum Refusal {
    Key,
    Access,
    NotFound,
    Accounts,
    /// The order is not paid.
    Unpaid,
    /// A field is not as the target chose it.
    Unprocessable(&'static str),
    /// The fields that are wrong, each with what is wrong.
    Form(Vec<(String, String)>),
    Path,
    /// The methods that are right.
    Method(&'static str),
    TooLarge,
    MediaType,
}

impl Refusal {
    /// One field that is wrong.
    pub(super) fn field(field: &str, problem: &str) -> Self {
        Self::Form(vec![(field.to_owned(), problem.to_owned())])
    }

    fn face(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Key => (401, "INVALID_API_KEY", "Invalid API key"),
            Self::Access => (403, "ACCESS_DENIED", "You do not have access to this order"),
            Self::NotFound => (404, "ORDER_NOT_FOUND", "Order not found"),
            Self::Accounts => (400, "INVALID_ACCOUNTS", "No valid accounts provided after deduplication"),
            Self::Unpaid => (409, "ORDER_NOT_PAID", "The order is not paid"),
            Self::Unprocessable(_) => (422, "VALIDATION_ERROR", "A field is not valid"),
            Self::Form(_) => (400, "INVALID_REQUEST", "The request is not valid"),
            Self::Path => (404, "NOT_FOUND", "Nothing is here"),
            Self::Method(_) => (405, "METHOD_NOT_ALLOWED", "This method is not for this path"),
            Self::TooLarge => (413, "PAYLOAD_TOO_LARGE", "The body is larger than 1 MiB"),
            Self::MediaType => (415, "UNSUPPORTED_MEDIA_TYPE", "The body has to be JSON"),
        }
    }

    /// It as an answer.
    pub(super) fn reply(&self, world: &World) -> Reply {
        let (mut status, code, message) = self.face();
        let documented = matches!(self, Self::Key | Self::Access | Self::NotFound | Self::Accounts);
        let message = match self {
            Self::Key if world.is(Defect::MessageOfKey) => "Invalid API key.",
            Self::NotFound if world.is(Defect::MessageOfOrder) => "Order 1 not found",
            Self::Access if world.is(Defect::MessageOfAccess) => "Access denied",
            Self::Accounts if world.is(Defect::MessageOfAccounts) => "No valid accounts provided",
            _ => message,
        };
        match self {
            Self::Key if world.is(Defect::KeyIs403) => status = 403,
            Self::Form(_) if world.is(Defect::FormIs422) => status = 422,
            _ if documented && world.is(Defect::ErrorIs200) => status = 200,
            _ => {}
        }
        if world.is(Defect::ErrorIsText) {
            return Reply::text(status, message);
        }
        let mut body = json!({ "error": code, "message": message });
        if world.is(Defect::ErrorNested) {
            body = json!({ "error": { "code": code, "message": message } });
        }
        if let Self::Form(fields) = self {
            let most = if world.is(Defect::FirstDetailOnly) { 1 } else { fields.len() };
            let details = fields.iter().take(most);
            body["details"] =
                details.map(|(field, problem)| json!({ "field": field, "problem": problem })).collect();
        }
        if let Self::Unprocessable(field) = self {
            body["field"] = json!(field);
        }
        let mut reply = Reply::json(status, &body);
        if let Self::Method(allowed) = self
            && !world.is(Defect::NoAllow)
        {
            reply.allow = Some(allowed);
        }
        if world.is(Defect::ErrorTyped) {
            reply.content_type = "text/html";
        }
        reply
    }
}

/// What a request is refused with, as defects have it.
pub(super) fn refused(world: &World, asked: &Asked, refusal: &Refusal) -> Reply {
    let leaks = match refusal {
        Refusal::Access => (Defect::DeniedLeaks, 0),
        Refusal::Accounts => (Defect::RefusedLeaks, 1),
        _ => return echoing(world, asked, refusal, refusal.reply(world)),
    };
    let count = world.with(|state| {
        state.refused[leaks.1] += 1;
        state.refused[leaks.1]
    });
    if world.is(leaks.0) && count > 25 {
        return Reply::text(500, "Internal Server Error");
    }
    echoing(world, asked, refusal, refusal.reply(world))
}

/// The reply, with what defects repeat in it.
fn echoing(world: &World, asked: &Asked, refusal: &Refusal, reply: Reply) -> Reply {
    let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return reply };
    let sent = asked.body.as_deref().unwrap_or_default();
    let fields: Value = serde_json::from_slice(sent).unwrap_or_default();
    match refusal {
        Refusal::Form(wrong) if world.is(Defect::ErrorEchoesInput) => {
            body["input"] = wrong.iter().map(|(field, _)| fields[field].clone()).collect();
        }
        Refusal::Form(_) if world.is(Defect::ErrorEchoesBody) && fields.is_null() => {
            body["input"] = json!(String::from_utf8_lossy(sent));
        }
        Refusal::NotFound if world.is(Defect::ErrorEchoesAccounts) => body["input"] = fields,
        Refusal::Access if world.is(Defect::ErrorEchoesKey) => body["key"] = json!(asked.header("x-api-key")),
        _ => return reply,
    }
    Reply { body: body.to_string().into_bytes(), ..reply }
}

/// An answer that a defect spoils: every 37th.
pub(super) fn spoil(world: &World, reply: Reply) -> Reply {
    let count = world.with(|state| {
        state.answers += 1;
        state.answers
    });
    if !count.is_multiple_of(37) {
        return reply;
    }
    if world.is(Defect::Every37thFails) {
        return Reply::text(500, "Internal Server Error");
    }
    if world.is(Defect::Every37thCounts)
        && let Ok(mut page) = serde_json::from_slice::<Value>(&reply.body)
        && let Some(count) = page["count"].as_u64()
    {
        page["count"] = json!(count + 1);
        return Reply::json(reply.status, &page);
    }
    reply
}
