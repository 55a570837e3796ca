//! Rules of errors.

crate::declare! {
    ERROR_RULES;
    ERROR_ENVELOPE = "error.envelope", Stated, CommonErrors,
        "The envelope",
        "The documented errors are a JSON object of `error`, a code, and `message`, a text, with a 4xx status.";
    ERROR_MESSAGES = "error.messages", Stated, CommonErrors,
        "The four messages, to the letter",
        "`INVALID_API_KEY` says `Invalid API key`, `ORDER_NOT_FOUND` says `Order not found`, `ACCESS_DENIED` says `You do \
         not have access to this order`, and `INVALID_ACCOUNTS` says `No valid accounts provided after deduplication`.";
    ERROR_STATUS = "error.status", Chosen, CommonErrors,
        "Each code has its status",
        "`INVALID_API_KEY` is 401, `ACCESS_DENIED` 403, `ORDER_NOT_FOUND` 404, `INVALID_ACCOUNTS` 400 and \
         `INVALID_REQUEST` 400.";
    ERROR_DETAILS = "error.details", Chosen, CommonErrors,
        "`INVALID_REQUEST` names all that is wrong",
        "`INVALID_REQUEST` adds `details`, a list of `{field, problem}`: everything that is wrong, at once. `INVALID_ACCOUNTS` \
         may add it for accounts of another form.";
    ERROR_PRECEDENCE = "error.precedence", Chosen, CommonErrors,
        "What is judged first",
        "The key is judged before the request's form, the form before the order's existence, existence before access, \
         and access before accounts.";
    ERROR_TRANSPORT = "error.transport", Chosen, CommonErrors,
        "The envelope on every path and method",
        "An unknown path is 404 `NOT_FOUND`; a wrong method, HEAD too, is 405 `METHOD_NOT_ALLOWED` with `Allow` and hands \
         nothing out; a body over 1 MiB is 413 `PAYLOAD_TOO_LARGE`; another content type than JSON, or none, and a content \
         coding such as gzip, are 415 `UNSUPPORTED_MEDIA_TYPE`; a body that is not JSON, or no object, is 400 `INVALID_REQUEST`. They are judged in \
         the order path, method, key, size, content type, JSON.";
    ERROR_NO_5XX = "error.no-5xx", Implied, CommonErrors,
        "No request breaks the server",
        "No well-formed HTTP request is answered with a 5xx, left hanging, or closed without an answer.";
    ERROR_SECRET = "error.secret", Implied, ApiKey,
        "No error repeats a password or a key",
        "Errors are logged and shown. No error repeats an account's password or a valid API key, in whatever field the \
         request had it.";
    ERROR_SERVER = "error.server", Chosen, CommonErrors,
        "The server's own refusals",
        "What the server itself must refuse comes in the envelope too: 408 `REQUEST_TIMEOUT`, 429 `RATE_LIMITED` and 503 \
         `SERVICE_UNAVAILABLE`, both with `Retry-After`, and 500 `INTERNAL_ERROR`.";
}
