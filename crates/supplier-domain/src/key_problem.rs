//! Why a call's key leads to nobody (`auth.invalid-key`, `auth.header-only`).

use std::borrow::Cow;

use crate::closed_set::closed_set;

closed_set! {
    /// Why a key leads to nobody. The answer is the same for all (`auth.invalid-key`): only the sandbox says which it was.
    KeyProblem {
        /// No key was sent, in the header or elsewhere.
        Missing = "missing",
        /// The header was sent more than once.
        Repeated = "repeated",
        /// The header is empty.
        Empty = "empty",
        /// What stands in the header is a placeholder for a key, such as `YOUR_API_KEY` or `undefined`.
        Placeholder = "placeholder",
        /// The key was sent in `Authorization`.
        InAuthorization = "in-authorization",
        /// The key was sent in the query.
        InQuery = "in-query",
        /// The key was sent in the body.
        InBody = "in-body",
        /// The key was sent in a header of another name, such as `Api-Key`.
        OtherHeader = "other-header",
        /// A scheme such as `Bearer` stands before the key.
        Scheme = "scheme",
        /// The key stands in quotes or brackets.
        Quoted = "quoted",
        /// White space or a control character stands in the key.
        WhiteSpace = "white-space",
        /// The key holds a character beyond ASCII, perhaps one that nobody sees.
        NotAscii = "not-ascii",
        /// Letters of the key are in upper case.
        LetterCase = "letter-case",
        /// The key begins as one does, and is too short, too long, or not of hexadecimal digits.
        Length = "length",
        /// The key was revoked.
        Revoked = "revoked",
        /// The key's sandbox was deleted, or has expired.
        SandboxGone = "sandbox-gone",
        /// The key has the right form, but nobody has it.
        Unknown = "unknown",
        /// The key is none of a sandbox's, which begin with `test_`.
        NotOfSandbox = "not-of-sandbox",
    }
}

impl KeyProblem {
    /// What happened, and what to do: one or two sentences.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Missing => "The call has no X-Api-Key header. Send the key in it.",
            Self::Repeated => "The X-Api-Key header was sent more than once. Send it once, with one key.",
            Self::Empty => {
                "The X-Api-Key header is empty. Does your client read the key from a variable that is not set?"
            }
            Self::Placeholder => {
                "The X-Api-Key header holds a placeholder in place of a key. Does your client read the key from a variable \
                 that is not set?"
            }
            Self::InAuthorization => {
                "The key was sent in the Authorization header. Send it in the X-Api-Key header, without Bearer or another \
                 scheme."
            }
            Self::InQuery => {
                "The key was sent in the URL. Send it in the X-Api-Key header, and have a new one made: URLs end up in logs."
            }
            Self::InBody => "The key was sent in the body. Send it in the X-Api-Key header.",
            Self::OtherHeader => "The key was sent in a header of another name. Name the header X-Api-Key.",
            Self::Scheme => {
                "A scheme such as Bearer stands before the key in the X-Api-Key header. Send the key alone."
            }
            Self::Quoted => {
                "The key in the X-Api-Key header stands in quotes or brackets. Send it without them."
            }
            Self::WhiteSpace => {
                "White space or a control character stands in the key in the X-Api-Key header. Send the key without it."
            }
            Self::NotAscii => {
                "The key in the X-Api-Key header holds a character beyond ASCII, perhaps one that nobody sees. Copy the key \
                 anew."
            }
            Self::LetterCase => {
                "The key in the X-Api-Key header has letters in upper case. Keys are compared letter by letter: send it in \
                 lower case."
            }
            Self::Length => {
                "The key in the X-Api-Key header was cut off, or something was added: a key is test_ and 32 hexadecimal digits. \
                 Copy the whole key, and nothing else."
            }
            Self::Revoked => "The key was revoked. Give your client another key of this supplier.",
            Self::SandboxGone => {
                "The key's sandbox was deleted, or has expired. Create a sandbox, and give your client its key."
            }
            Self::Unknown => {
                "The key has the form of a sandbox's key, but no supplier on this server has it. Is it the key of another \
                 server, or one that another start of this server made?"
            }
            Self::NotOfSandbox => {
                "The key is none of a sandbox: these begin with test_. A key of the marketplace does not work here."
            }
        }
    }
}

/// Where a call carries what may be its key.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a place of its own")]
pub struct KeyPlaces<'a> {
    /// The value of the `X-Api-Key` header, if there is just one.
    pub header: Option<&'a [u8]>,
    /// Whether there is more than one.
    pub is_repeated: bool,
    /// Whether there is an `Authorization` header.
    pub in_authorization: bool,
    /// Whether a key stands in the query.
    pub in_query: bool,
    /// Whether a key stands in the body.
    pub in_body: bool,
    /// Whether a key stands in another header.
    pub in_other_header: bool,
}

/// What a key is that leads to nobody, as far as its looks tell.
pub fn key_problem(places: &KeyPlaces<'_>) -> KeyProblem {
    let Some(header) = places.header else {
        return match places {
            KeyPlaces { is_repeated: true, .. } => KeyProblem::Repeated,
            KeyPlaces { in_authorization: true, .. } => KeyProblem::InAuthorization,
            KeyPlaces { in_other_header: true, .. } => KeyProblem::OtherHeader,
            KeyPlaces { in_query: true, .. } => KeyProblem::InQuery,
            KeyPlaces { in_body: true, .. } => KeyProblem::InBody,
            _ => KeyProblem::Missing,
        };
    };
    let Ok(text) = std::str::from_utf8(header) else { return KeyProblem::NotAscii };
    let text = text.trim();
    if text.is_empty() {
        return KeyProblem::Empty;
    }
    if is_placeholder(text) {
        return KeyProblem::Placeholder;
    }
    // Proxies join headers of one name.
    if text.contains(',') {
        return KeyProblem::Repeated;
    }
    let (_, problem) = bare(text);
    if let Some(problem) = problem {
        return problem;
    }
    match form(text) {
        Form::Key => KeyProblem::Unknown,
        Form::UpperCase => KeyProblem::LetterCase,
        Form::Length => KeyProblem::Length,
        Form::Other => KeyProblem::NotOfSandbox,
    }
}

/// The key of a sandbox that a client probably meant by what it sent: without `Bearer`, quotes or white space, and in lower
/// case. `None` if there is none in it.
pub fn meant_key(sent: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(sent).ok()?;
    let first = text.split(',').next().unwrap_or_default();
    let meant = bare(first.trim()).0.to_lowercase();
    // Something may stand behind it: `KEY;`.
    let end = KEY_PREFIX.len() + KEY_DIGITS;
    let is_longer = meant.as_bytes().get(end).is_some_and(|byte| !byte.is_ascii_alphanumeric());
    let meant = if is_longer { meant[..end].to_owned() } else { meant };
    (form(&meant) == Form::Key).then_some(meant)
}

const KEY_PREFIX: &str = "test_";
const KEY_DIGITS: usize = 32;
/// What clients put before a key.
const SCHEMES: [&str; 7] = ["bearer", "token", "apikey", "api-key", "basic", "key", "x-api-key"];
/// What stands at both ends of a key that was quoted once too often.
const QUOTES: [char; 13] = ['"', '\'', '`', '<', '>', '{', '}', '[', ']', '“', '”', '‘', '’'];

#[derive(PartialEq, Eq)]
enum Form {
    Key,
    UpperCase,
    Length,
    Other,
}

fn form(text: &str) -> Form {
    let Some(digits) = text
        .get(KEY_PREFIX.len()..)
        .filter(|_| text.as_bytes()[..KEY_PREFIX.len()].eq_ignore_ascii_case(KEY_PREFIX.as_bytes()))
    else {
        return Form::Other;
    };
    if digits.len() != KEY_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Form::Length
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Form::UpperCase
    } else {
        Form::Key
    }
}

/// What is left of a key without what surrounds it, and the first that was taken away.
fn bare(text: &str) -> (Cow<'_, str>, Option<KeyProblem>) {
    let mut text = text;
    let mut problem = None;
    loop {
        let before = text;
        if let Some(rest) = text.split_once([' ', ':', '=']).and_then(|(scheme, rest)| {
            SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(rest)
        }) {
            problem.get_or_insert(KeyProblem::Scheme);
            text = rest.trim_start();
        }
        let inner = text.trim_matches(QUOTES);
        if inner.len() < text.len() {
            problem.get_or_insert(KeyProblem::Quoted);
            text = inner.trim();
        }
        if text.len() == before.len() {
            break;
        }
    }
    let is_blank = |c: char| c.is_whitespace() || c.is_control();
    if text.contains(is_blank) {
        problem.get_or_insert(KeyProblem::WhiteSpace);
    } else if !text.is_ascii() {
        problem.get_or_insert(KeyProblem::NotAscii);
    }
    if text.chars().all(|c| c.is_ascii_graphic()) {
        return (Cow::Borrowed(text), problem);
    }
    (Cow::Owned(text.chars().filter(char::is_ascii_graphic).collect()), problem)
}

/// Whether a text stands for a key that was never filled in.
fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words: String = lower.chars().filter(char::is_ascii_alphabetic).collect();
    let names = [
        "apikey",
        "yourapikey",
        "yourkey",
        "key",
        "xapikey",
        "mykey",
        "myapikey",
        "insertkeyhere",
        "changeme",
    ];
    let nothings = ["undefined", "null", "none", "nil", "nan", "[object object]", "true", "false"];
    let is_variable = text.starts_with(['$', '%']) || text.contains("${") || text.contains("{{");
    nothings.contains(&lower.as_str())
        || is_variable
        || words.starts_with("yourapikey")
        || words.contains("processenv")
        || (!lower.contains(|c: char| c.is_ascii_digit()) && names.contains(&words.as_str()))
        || (words.contains("yourkey") && words.len() < 30)
        || lower.contains("xxxx")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "test_0123456789abcdef0123456789abcdef";

    fn problem(header: &str) -> KeyProblem {
        key_problem(&KeyPlaces { header: Some(header.as_bytes()), ..KeyPlaces::default() })
    }

    /// Rules: `auth.invalid-key`.
    #[test]
    fn each_way_to_send_a_wrong_key_is_told_apart() {
        for (sent, expected) in [
            (format!("Bearer {KEY}"), KeyProblem::Scheme),
            (format!("bearer: {KEY}"), KeyProblem::Scheme),
            (format!("\"Bearer {KEY}\""), KeyProblem::Quoted),
            (format!("Token {KEY}"), KeyProblem::Scheme),
            (format!("\"{KEY}\""), KeyProblem::Quoted),
            (format!("'{KEY}'"), KeyProblem::Quoted),
            (format!("<{KEY}>"), KeyProblem::Quoted),
            (format!("“{KEY}”"), KeyProblem::Quoted),
            (format!("{} {}", &KEY[..10], &KEY[10..]), KeyProblem::WhiteSpace),
            (format!("{KEY}\u{200b}"), KeyProblem::NotAscii),
            (KEY.to_uppercase(), KeyProblem::LetterCase),
            (KEY.replace('a', "A"), KeyProblem::LetterCase),
            (KEY[..36].to_owned(), KeyProblem::Length),
            (format!("{KEY}0"), KeyProblem::Length),
            (format!("{KEY};"), KeyProblem::Length),
            ("test_key".to_owned(), KeyProblem::Length),
            (KEY.to_owned(), KeyProblem::Unknown),
            ("hsp_live_9f8e7d6c5b4a".to_owned(), KeyProblem::NotOfSandbox),
            (format!("{KEY}, {KEY}"), KeyProblem::Repeated),
            (String::new(), KeyProblem::Empty),
            ("  ".to_owned(), KeyProblem::Empty),
            ("YOUR_API_KEY".to_owned(), KeyProblem::Placeholder),
            ("your-api-key-here".to_owned(), KeyProblem::Placeholder),
            ("undefined".to_owned(), KeyProblem::Placeholder),
            ("None".to_owned(), KeyProblem::Placeholder),
            ("$API_KEY".to_owned(), KeyProblem::Placeholder),
            ("{{apiKey}}".to_owned(), KeyProblem::Placeholder),
            ("${process.env.API_KEY}".to_owned(), KeyProblem::Placeholder),
        ] {
            assert_eq!(problem(&sent), expected, "{sent:?}");
        }
        let nothing = KeyPlaces::default();
        for (places, expected) in [
            (nothing, KeyProblem::Missing),
            (KeyPlaces { is_repeated: true, ..nothing }, KeyProblem::Repeated),
            (KeyPlaces { in_authorization: true, ..nothing }, KeyProblem::InAuthorization),
            (KeyPlaces { in_query: true, ..nothing }, KeyProblem::InQuery),
            (KeyPlaces { in_body: true, ..nothing }, KeyProblem::InBody),
            (KeyPlaces { in_other_header: true, ..nothing }, KeyProblem::OtherHeader),
            (KeyPlaces { header: Some(b"\xff"), ..nothing }, KeyProblem::NotAscii),
        ] {
            assert_eq!(key_problem(&places), expected, "{places:?}");
        }
    }

    #[test]
    fn the_key_that_was_meant_is_found() {
        for sent in [
            format!("Bearer {KEY}"),
            format!("\"{KEY}\""),
            format!("'Bearer {KEY}'"),
            KEY.to_uppercase(),
            format!("{} {}", &KEY[..10], &KEY[10..]),
            format!("{KEY}\u{200b}"),
            format!("{KEY}, {KEY}"),
            format!("{KEY};"),
            format!("{KEY}\\n"),
        ] {
            assert_eq!(meant_key(sent.as_bytes()).as_deref(), Some(KEY), "{sent:?}");
        }
        assert_eq!(meant_key(KEY.as_bytes()).as_deref(), Some(KEY));
        for sent in [&KEY[..36], "", "Bearer", "hsp_live_9f8e7d6c5b4a"] {
            assert_eq!(meant_key(sent.as_bytes()), None, "{sent:?}");
        }
        assert_eq!(meant_key(b"\xff"), None);
    }

    #[test]
    fn each_explanation_says_what_to_do_and_shows_no_key() {
        for problem in KeyProblem::ALL {
            let explanation = problem.explanation();
            assert!(
                explanation.ends_with(['.', '?']) && crate::mask_keys(explanation).is_none(),
                "{problem}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_problem_and_a_meant_key_has_the_form_of_one(sent in ".*") {
            let _ = problem(&sent);
            if let Some(meant) = meant_key(sent.as_bytes()) {
                prop_assert!(form(&meant) == Form::Key);
            }
        }
    }
}
