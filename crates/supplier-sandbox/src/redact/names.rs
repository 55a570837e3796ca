//! Names of secret fields, and words that are not secret.

/// What the value under a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// An API key, or a token as good as one.
    Key,
    /// A password, or another secret.
    Secret,
    /// Accounts, each with a password in it.
    Accounts,
    /// An id of the supplier's own, which may be any text.
    OwnId,
    /// Free text of a known parameter.
    Text,
    /// Nothing that is secret for its name.
    Other,
}

/// Words of a name of which one is enough.
const SECRET_WORDS: &str = "\
    auth bearer cookie cred creds jwt key keys otp pass pin pw pwd session sig totp";
/// Parts of a name of which one is enough, however its words are joined.
const SECRET_PARTS: &str = "\
    accesskey apikey apitoken authoriz credential passcode passphrase passwd password passwort \
    privatekey secret signature token";
/// The longest name that is looked at, in bytes: what is longer is no name.
const MAX_NAME: usize = 64;

/// What the value under `name` is, whichever way its words are joined.
pub(super) fn named(name: &str) -> Named {
    // What the API itself knows comes first: it is most that comes at all.
    match name {
        "order" | "status" | "limit" | "offset" | "productType" | "entityType" => return Named::Other,
        "accounts" => return Named::Accounts,
        "supplierOrderId" => return Named::OwnId,
        "subCategory" => return Named::Text,
        _ => {}
    }
    if name.len() > MAX_NAME {
        return Named::Other;
    }
    let joined: String =
        name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    match joined.as_str() {
        "supplierorderid" => Named::OwnId,
        "key" | "authorization" | "auth" | "bearer" => Named::Key,
        _ if ["apikey", "token", "accesskey"].iter().any(|end| joined.ends_with(end)) => Named::Key,
        _ if joined.contains("account") || joined.contains("acount") => Named::Accounts,
        _ if SECRET_PARTS.split(' ').any(|part| joined.contains(part)) => Named::Secret,
        // "pw" and "pass" at an end: `userpw`, `dbpass`, `pw2`.
        _ if ["pass", "pwd", "key", "pw"].iter().any(|end| joined.ends_with(end)) => Named::Secret,
        _ if words(name).any(|word| SECRET_WORDS.split(' ').any(|known| known == word)) => Named::Secret,
        _ => Named::Other,
    }
}

/// Words that the API, and whoever writes about orders, uses.
const WORDS: &str = "\
    a about access accounts admin after all amount an and api array asc at auto before by cancelled categories \
    category client code com comment completed count created currency customer data date default delivered \
    denied desc description details done email entity error example failed false field filter first for found \
    from game games gmt hook http https id ids in info invalid inventory is item items json lang last limit \
    list localhost login manual message method name new no not note null number of offset ord order orders page \
    partial payment pending price processing product quantity reason ref request sandbox see service since size \
    smm sort status sub sup supplier the time to total true type unit unknown unlisted until update updated url \
    user username utc v value version was webhook with x xml yes";

/// Whether a word is one that the API uses: it gives nothing away, wherever it stands.
pub(super) fn is_word(word: &str) -> bool {
    WORDS.split(' ').any(|known| known.eq_ignore_ascii_case(word))
}

/// The words of a name: `apiKey2`, `api_key` and `API-KEY` are "api" and "key".
pub(super) fn words(name: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphabetic() || c.is_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = c.is_lowercase();
        if let (true, Some(word)) = (c.is_alphabetic(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_however_they_are_written() {
        for (names, what) in [
            (
                "apiKey API-KEY x_api_key X-API-Key apikey2 key token token1 accessToken authorization Auth bearer",
                Named::Key,
            ),
            (
                "password userPassword pass pw pwd userPw db_pass secretKey credentials client_secret privateKey \
                 session_cookie passphrase otp pin2 API_SECRET sig jwt",
                Named::Secret,
            ),
            (
                "accounts account Accounts[0] accounts[] accountList myAccounts acounts accounts[0][login]",
                Named::Accounts,
            ),
            ("supplierOrderId supplier_order_id SupplierOrderID", Named::OwnId),
            ("subCategory", Named::Text),
            (
                "order status limit productType spinner passenger compass2go note keyboard monkeys username",
                Named::Other,
            ),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(named(name), what, "{name}");
            }
        }
    }
}
