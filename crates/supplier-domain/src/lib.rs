#![doc = include_str!("../README.md")]

mod account_form;
mod account_list;
mod accounts;
mod api_key;
mod arrivals;
mod catalogue;
mod clock;
mod closed_set;
mod error_code;
pub mod fault;
mod history;
mod ids;
mod ignored_name;
mod journal;
mod key_problem;
mod list_query;
pub mod listing;
mod money;
mod order;
mod refusal;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
pub mod scorecard;
mod serial;
mod timestamp;
mod update;
mod window;
mod words;
mod world;

pub use account_form::{AccountForm, MAX_ODD, OddAccount, OddAccounts, Oddity};
pub use account_list::AccountList;
pub use accounts::{
    Account, AccountDedup, Cleaned, Deduplication, DropReason, DroppedAccount, Fingerprint, FingerprintKey,
    InvalidHex, MAX_LOGIN_CHARS, SubmittedAccount, clean, shown_login,
};
pub use api_key::{MASK, MASKED_KEY, mask_keys};
pub use arrivals::{ArrivalMix, ArrivalPlan, Arrivals, Bursts, Due, InvalidPerMinute, PerMinute};
pub use catalogue::{EntityType, Facet, Product, ProductType, Supplier};
pub use clock::{
    Clock, ClockChange, ClockMode, ClockRefusal, ClockSetting, ClockState, InvalidRate, Rate, thousandths,
};
pub use closed_set::UnknownValue;
pub use error_code::{ErrorCode, FORCING_HEADER, forced};
pub use fault::Faults;
pub use history::{CountedUpdate, Dealings, Event, EventKind, History, MAX_EVENTS, Moment, StatusSource};
pub use ids::{InvalidId, ObjectId, OrderId, RequestId, SupplierId};
pub use ignored_name::{IgnoredName, MAX_IGNORED, MAX_NAME_CHARS, NamePlace};
pub use journal::{CallEffect, CallRecord, DroppedEntry, Excerpt, FirstSeen};
pub use key_problem::{KeyPlaces, KeyProblem, key_problem, meant_key};
pub use list_query::{DEFAULT_LIMIT, ListQuery, MAX_LIMIT};
pub use money::{InvalidMoney, Money};
pub use order::{
    Item, MAX_QUANTITY, Order, OrderDraft, OrderPatch, OrderStatus, OrderView, PaymentStatus, User,
};
pub use refusal::{Problem, Refusal, Violation};
pub use scorecard::{
    CallDigest, Finding, HandedOut, ListCall, Observation, ObservedCall, OrderFacts, PracticeReport, Reading,
    Report, Resend, Scorecard, Standing, Submission, UpdateCall,
};
pub use timestamp::{InvalidTimestamp, Timestamp};
pub use update::{
    AccountsRoom, Decision, MAX_SUPPLIER_ORDER_ID_CHARS, MIN_ACCOUNTS_CAP, OrderUpdate, decide,
};
pub use window::Window;
pub use words::{counted, was};
pub use world::World;
