//! What `docs/clients.md` says of clients that a test can run.

use super::script::Script;

/// How often the server reads a call whose every answer is lost: `GET` on a new and on a used connection, then `POST`.
pub(super) type Counts = [u64; 4];

/// A client as most of its users have it.
pub(super) struct Client {
    pub(super) name: &'static str,
    pub(super) script: Script,
    /// The script's argument.
    pub(super) argument: &'static str,
    pub(super) counts: Counts,
    /// What a client makes of a body that breaks off.
    pub(super) broken_body: &'static str,
}

/// A client that was told to send nothing twice.
pub(super) struct SwitchedOff {
    pub(super) name: &'static str,
    pub(super) setting: &'static str,
    pub(super) script: Script,
    pub(super) argument: &'static str,
    pub(super) counts: Counts,
}

const fn client(
    name: &'static str,
    script: Script,
    argument: &'static str,
    counts: Counts,
    broken_body: &'static str,
) -> Client {
    Client { name, script, argument, counts, broken_body }
}

const fn off(
    name: &'static str,
    setting: &'static str,
    script: Script,
    argument: &'static str,
    counts: Counts,
) -> SwitchedOff {
    SwitchedOff { name, setting, script, argument, counts }
}

pub(super) const CLIENTS: [Client; 19] = [
    client("curl", Script::Curl, "curl", [1, 2, 1, 2], "error"),
    client("PHP's curl extension", Script::Php, "curl", [1, 2, 1, 2], "error"),
    client("GNU Wget `--tries=3`", Script::Wget, "wget", [3, 3, 3, 3], "error, 3 calls"),
    client("Perl HTTP::Tiny", Script::Perl, "HTTP::Tiny", [2, 2, 1, 1], "error, 2 calls"),
    client("Perl LWP", Script::Perl, "LWP", [1, 1, 1, 1], "success"),
    client("Ruby Net::HTTP", Script::Ruby, "Net::HTTP", [2, 2, 1, 1], "success"),
    client("Java HttpURLConnection", Script::Java, "HttpURLConnection", [2, 2, 2, 2], "success"),
    client("Java HttpClient", Script::Java, "HttpClient", [2, 2, 1, 1], "error"),
    client("Python requests", Script::Python, "requests", [1, 1, 1, 1], "error"),
    client("Python httpx", Script::Python, "httpx", [1, 1, 1, 1], "error"),
    client("Python urllib3", Script::Python, "urllib3", [4, 4, 1, 1], "error, 4 calls"),
    client("Python httplib2", Script::Python, "httplib2", [2, 2, 2, 2], "error"),
    client("Python aiohttp", Script::Python, "aiohttp", [2, 2, 1, 1], "error"),
    client("Node fetch", Script::Node, "fetch", [1, 1, 1, 1], "error"),
    client("Node axios", Script::Node, "axios", [1, 1, 1, 1], "error"),
    client("Node axios-retry", Script::Node, "axios-retry", [4, 4, 4, 4], "error"),
    client("Node got", Script::Node, "got", [3, 3, 1, 1], "error, 3 calls"),
    client("Node superagent `.retry(2)`", Script::Node, "superagent", [3, 3, 3, 3], "error, 3 calls"),
    client("Node needle", Script::Node, "needle", [1, 1, 1, 1], "nothing"),
];

pub(super) const SWITCHED_OFF: [SwitchedOff; 12] = [
    off("PHP's curl extension", "`CURLOPT_FORBID_REUSE`: `true`", Script::Php, "curl", [1, 1, 1, 1]),
    off("GNU Wget", "`--tries=1`", Script::Wget, "wget", [1, 1, 1, 1]),
    off(
        "Perl HTTP::Tiny",
        "`peer`: a sub that dies when it is called a second time",
        Script::Perl,
        "HTTP::Tiny",
        [1, 1, 1, 1],
    ),
    off("Ruby Net::HTTP", "`max_retries = 0`", Script::Ruby, "Net::HTTP", [1, 1, 1, 1]),
    off(
        "Java HttpURLConnection",
        "`-Dsun.net.http.retryPost=false`",
        Script::Java,
        "HttpURLConnection",
        [2, 2, 1, 1],
    ),
    off(
        "Java HttpClient",
        "`-Djdk.httpclient.redirects.retrylimit=1`",
        Script::Java,
        "HttpClient",
        [1, 1, 1, 1],
    ),
    off("Python urllib3", "`retries=False`", Script::Python, "urllib3", [1, 1, 1, 1]),
    off(
        "Python httplib2",
        "`connection_type`: a class whose `getresponse` turns `BadStatusLine` into `ConnectionError`",
        Script::Python,
        "httplib2",
        [1, 1, 1, 1],
    ),
    off(
        "Python aiohttp",
        "`session._retry_connection = False`, which is private",
        Script::Python,
        "aiohttp",
        [1, 1, 1, 1],
    ),
    off(
        "Node axios-retry",
        "`retryCondition: (error) => error.response?.status === 503`",
        Script::Node,
        "axios-retry",
        [1, 1, 1, 1],
    ),
    off("Node got", "`retry: { limit: 0 }`", Script::Node, "got", [1, 1, 1, 1]),
    off("Node superagent", "no `.retry()`", Script::Node, "superagent", [1, 1, 1, 1]),
];
