//! Forms of accounts that are none, or that are taken but hardly meant (`update.accounts-valid`, `practice.accounts`).

use std::fmt;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use serde::{Deserialize, Serialize};

use crate::SubmittedAccount;
use crate::closed_set::closed_set;

closed_set! {
    /// The form that an entry of a submission seems to have in place of `login:password`.
    AccountForm {
        /// No string, such as an object with a login and a password.
        NotText = "not-text",
        /// JSON in a string.
        Json = "json",
        /// Several accounts in one string, one a line.
        Lines = "lines",
        /// `https://…:login:password`.
        Url = "url",
        /// `login|password|…`
        Pipes = "pipes",
        /// `login----password`
        Dashes = "dashes",
        /// `login;password`
        Semicolons = "semicolons",
        /// `login`, a tab, `password`.
        Tabs = "tabs",
        /// `login,password`
        Commas = "commas",
        /// `login：password`, with a colon that is not ASCII's.
        WideColon = "wide-colon",
        /// `login/password`
        Slash = "slash",
        /// `login password`
        Spaces = "spaces",
        /// A login or a password alone.
        OnePart = "one-part",
        /// Nothing before the colon, or nothing behind it.
        EmptyPart = "empty-part",
    }
}

/// Colons that are not ASCII's.
const WIDE_COLONS: [char; 5] = ['：', '﹕', '︓', '∶', 'ː'];

impl AccountForm {
    /// What an entry seems to be that is no account.
    pub fn of_malformed(entry: &SubmittedAccount) -> Self {
        let SubmittedAccount::Text(text) = entry else { return Self::NotText };
        let text = text.trim();
        let has_colon = text.contains(':');
        match Self::foreign(text) {
            Some(form) if !has_colon => form,
            _ if has_colon || text.is_empty() => Self::EmptyPart,
            _ if text.contains(WIDE_COLONS) => Self::WideColon,
            _ if text.contains('/') => Self::Slash,
            _ if text.contains(char::is_whitespace) => Self::Spaces,
            _ => Self::OnePart,
        }
    }

    /// What an account seems to be of another form, though it has a colon: what stands before that is no login.
    fn of_taken(text: &str) -> Option<Self> {
        let (login, rest) = text.split_once(':')?;
        if text.contains('\n') {
            return Some(Self::Lines);
        }
        let is_scheme = ["http", "https"].iter().any(|scheme| login.trim().eq_ignore_ascii_case(scheme));
        if is_scheme && rest.starts_with("//") {
            return Some(Self::Url);
        }
        Self::foreign(login).filter(|form| *form != Self::Lines)
    }

    fn foreign(text: &str) -> Option<Self> {
        let forms = [
            (text.starts_with(['{', '[']), Self::Json),
            (text.contains('\n'), Self::Lines),
            (text.contains(['|', '｜']), Self::Pipes),
            (text.contains("----"), Self::Dashes),
            (text.contains([';', '；']), Self::Semicolons),
            (text.contains('\t'), Self::Tabs),
            (text.contains([',', '，']), Self::Commas),
        ];
        forms.into_iter().find(|(is_form, _)| *is_form).map(|(_, form)| form)
    }

    /// Whether an entry of this form comes from another system, and is not merely an account with a part missing.
    pub const fn is_foreign(self) -> bool {
        !matches!(self, Self::OnePart | Self::EmptyPart)
    }

    /// What an entry of this form looks like: a phrase that goes on from "it".
    pub const fn description(self) -> &'static str {
        match self {
            Self::NotText => "is no string",
            Self::Json => "looks like JSON",
            Self::Lines => "looks like several accounts, one a line",
            Self::Url => "begins with a URL",
            Self::Pipes => "looks like `login|password|…`",
            Self::Dashes => "looks like `login----password`",
            Self::Semicolons => "looks like `login;password`",
            Self::Tabs => "looks like a login and a password divided by a tab",
            Self::Commas => "looks like `login,password`",
            Self::WideColon => "is divided by a colon that is not ASCII's (U+003A)",
            Self::Slash => "looks like `login/password`",
            Self::Spaces => "looks like a login and a password divided by a space",
            Self::OnePart => "has no colon",
            Self::EmptyPart => "has nothing before its colon, or nothing behind it",
        }
    }

    /// What to send in place of it: an imperative sentence without its full stop.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NotText | Self::Json => {
                "send each account as one string, `login:password`, and not as an object"
            }
            Self::Lines => "send each account as an entry of its own, `login:password`",
            Self::Url => "send `login:password` without the URL",
            Self::Pipes
            | Self::Dashes
            | Self::Semicolons
            | Self::Tabs
            | Self::Commas
            | Self::WideColon
            | Self::Slash
            | Self::Spaces => {
                "send `login:password`, with a colon between the two; further colons belong to the password"
            }
            Self::OnePart | Self::EmptyPart => {
                "send `login:password`, with something on both sides of the first colon"
            }
        }
    }
}

/// What is odd about an account that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "oddity")]
pub enum Oddity {
    /// It holds a character that nobody sees.
    #[serde(rename_all = "camelCase")]
    Invisible {
        /// The character's code point.
        code_point: u32,
        /// Its place in the account, in characters from 0.
        at: usize,
    },
    /// It stands in quotes.
    Quoted,
    /// It seems to be of another form.
    #[serde(rename_all = "camelCase")]
    Form {
        /// The form.
        form: AccountForm,
    },
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invisible { code_point, at } => {
                write!(f, "holds the invisible character U+{code_point:04X} at position {at}")
            }
            Self::Quoted => f.write_str("stands in quotes, which are taken as a part of it"),
            Self::Form { form } => f.write_str(form.description()),
        }
    }
}

/// An account that was taken, though it is hardly meant as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OddAccount {
    /// Its place in the submission, from 0.
    pub index: usize,
    /// What is odd about it.
    #[serde(flatten)]
    pub oddity: Oddity,
}

impl fmt::Display for OddAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "accounts[{}] {}", self.index, self.oddity)
    }
}

/// The odd ones among the accounts of one or more updates.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OddAccounts {
    /// How many there are.
    pub count: usize,
    /// The first [`MAX_ODD`] different ones.
    pub first: Vec<OddAccount>,
}

/// The most odd accounts that are kept.
pub const MAX_ODD: usize = 20;
/// The most odd accounts that a sentence names.
const NAMED: usize = 5;

impl OddAccounts {
    /// Looks at the accounts of `submitted` that `is_taken` says were taken, by their places.
    pub fn of(submitted: &[SubmittedAccount], is_taken: impl Fn(usize) -> bool) -> Self {
        let mut odd = Self::default();
        for (index, entry) in submitted.iter().enumerate() {
            let SubmittedAccount::Text(text) = entry else { continue };
            let Some(oddity) = oddity(text).filter(|_| is_taken(index)) else { continue };
            odd.count += 1;
            if odd.first.len() < MAX_ODD {
                odd.first.push(OddAccount { index, oddity });
            }
        }
        odd
    }

    /// Adds those of another update.
    pub fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        for odd in &other.first {
            if self.first.len() < MAX_ODD && !self.first.contains(odd) {
                self.first.push(*odd);
            }
        }
    }

    /// The first few of them in words: `accounts[0] stands in quotes, …, and others`.
    pub fn named(&self) -> String {
        let named: Vec<_> = self.first.iter().take(NAMED).map(ToString::to_string).collect();
        let others = if self.count > named.len() { ", and others" } else { "" };
        format!("{}{others}", named.join(", "))
    }
}

/// What is odd about an account. White space at its ends is not: it is trimmed (`update.accounts-valid`).
fn oddity(account: &str) -> Option<Oddity> {
    let trimmed = account.trim();
    let shown = trimmed.trim_matches(is_unseen);
    if let Some(form) = AccountForm::of_taken(shown) {
        return Some(Oddity::Form { form });
    }
    // Nearly all accounts are ASCII.
    let is_plain = trimmed.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let unseen =
        (!is_plain).then(|| account.chars().enumerate().find(|(_, c)| is_unseen(*c) && trimmed.contains(*c)));
    if let Some((at, c)) = unseen.flatten() {
        return Some(Oddity::Invisible { code_point: c.into(), at });
    }
    is_quoted(trimmed).then_some(Oddity::Quoted)
}

/// Whether nobody sees a character, or takes it for a plain space.
fn is_unseen(c: char) -> bool {
    // The blank of Braille is a symbol, and the replacement character is what is left of one that was lost.
    let is_blank = c != ' ' && c.is_whitespace() || matches!(c, '\u{2800}' | '\u{fffd}');
    // Soft hyphens, joiners, marks of direction, fillers, byte order marks.
    let is_ignorable = || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    is_blank || c.is_control() || (!c.is_ascii() && is_ignorable())
}

fn is_quoted(account: &str) -> bool {
    const PAIRS: [(char, char); 7] =
        [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('«', '»'), ('„', '“')];
    let mut chars = account.chars();
    let ends = (chars.next(), chars.next_back());
    // `"login":"password"` too.
    matches!(ends, (Some(first), Some(last)) if PAIRS.contains(&(first, last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(entry: &str) -> SubmittedAccount {
        SubmittedAccount::Text(entry.to_owned())
    }

    /// Rules: `update.accounts-valid`, `practice.accounts`.
    #[test]
    fn the_form_of_what_is_no_account_is_named() {
        for (entry, form) in [
            ("login|password|2fa|mail|cookies", AccountForm::Pipes),
            ("login;password", AccountForm::Semicolons),
            ("login\tpassword", AccountForm::Tabs),
            ("login,password", AccountForm::Commas),
            ("login----password----mail", AccountForm::Dashes),
            ("[\"login\", \"password\"]", AccountForm::Json),
            ("login：password", AccountForm::WideColon),
            ("login；password", AccountForm::Semicolons),
            ("login/password", AccountForm::Slash),
            ("login password", AccountForm::Spaces),
            ("a\nb", AccountForm::Lines),
            ("user@example.com", AccountForm::OnePart),
            ("", AccountForm::EmptyPart),
            (":password", AccountForm::EmptyPart),
            ("login: ", AccountForm::EmptyPart),
        ] {
            assert_eq!(AccountForm::of_malformed(&text(entry)), form, "{entry:?}");
        }
        assert_eq!(AccountForm::of_malformed(&SubmittedAccount::NotText), AccountForm::NotText);
    }

    /// Rules: `practice.accounts`.
    #[test]
    fn what_is_odd_about_an_account_is_named() {
        let invisible = |code_point, at| Oddity::Invisible { code_point, at };
        let form = |form| Oddity::Form { form };
        for (account, expected) in [
            ("\u{feff}u:p", invisible(0xFEFF, 0)),
            ("u\u{200b}:p", invisible(0x200B, 1)),
            ("u:p\u{200d}", invisible(0x200D, 3)),
            ("u:p\u{ad}q", invisible(0xAD, 3)),
            ("u\u{a0}v:p", invisible(0xA0, 1)),
            ("u:p\u{2060}", invisible(0x2060, 3)),
            ("u:\u{202e}p", invisible(0x202E, 2)),
            ("u:p\0", invisible(0, 3)),
            ("u:\u{3164}p", invisible(0x3164, 2)),
            ("u:\u{fffd}p", invisible(0xFFFD, 2)),
            ("\"u:p\"", Oddity::Quoted),
            ("\"u\":\"p\"", Oddity::Quoted),
            ("“u:p”", Oddity::Quoted),
            ("'u:p'", Oddity::Quoted),
            ("login|password|2fa|mail:pass", form(AccountForm::Pipes)),
            ("login;password;http://example.com", form(AccountForm::Semicolons)),
            ("login\tpassword:x", form(AccountForm::Tabs)),
            ("{\"login\":\"u\",\"password\":\"p\"}", form(AccountForm::Json)),
            ("\u{feff}{\"login\":\"u\"}", form(AccountForm::Json)),
            ("https://example.com:u:p", form(AccountForm::Url)),
            ("a:1\nb:2", form(AccountForm::Lines)),
        ] {
            assert_eq!(oddity(account), Some(expected), "{account:?}");
        }
        for good in [
            "u:p",
            " u:p\t",
            "u:p:q",
            "user@example.com:p|w;d,",
            "u:pass word",
            "größe:пароль",
            "u:{p}",
            "u:\"p\"",
            "\u{a0}u:p\u{3000}",
        ] {
            assert_eq!(oddity(good), None, "{good:?}");
        }
    }

    #[test]
    fn the_first_are_kept_and_all_are_counted() {
        let submitted = vec![text("\"u:p\""); 30];
        let odd = OddAccounts::of(&submitted, |index| index != 0);
        assert_eq!((odd.count, odd.first.len(), odd.first[0].index), (29, MAX_ODD, 1));
        let json = serde_json::to_string(&odd).unwrap();
        assert_eq!(serde_json::from_str::<OddAccounts>(&json).unwrap(), odd, "{json}");
    }

    proptest! {
        #[test]
        fn no_text_is_a_reason_to_panic(entry in ".{0,40}") {
            let _ = oddity(&entry);
            let form = AccountForm::of_malformed(&text(&entry));
            prop_assert!(!form.description().is_empty() && !form.remedy().is_empty());
        }

        #[test]
        fn a_plain_account_is_never_odd(login in "[a-z0-9._+@-]{1,20}", password in "[!-~]{1,20}") {
            prop_assume!(!login.contains("----"));
            prop_assert_eq!(oddity(&format!("{login}:{password}")), None);
        }
    }
}
