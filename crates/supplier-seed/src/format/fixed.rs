//! `[[fixed]]` and `[[absent]]`: fixed order numbers, and numbers that no order has.

use std::collections::BTreeMap;
use std::sync::Arc;

use supplier_domain::{
    AccountList, Deduplication, DropReason, DroppedAccount, FingerprintKey, Item,
    MAX_SUPPLIER_ORDER_ID_CHARS, ObjectId, Order, OrderId, PaymentStatus, SubmittedAccount, Timestamp, User,
    clean,
};

use super::limits;
use super::numbers::Numbers;
use crate::reading::{Field, Fields, Register};
use crate::scenario::{FixedOrder, FixedPlan, Offer};

const FIELDS: &[&str] = &[
    "number",
    "about",
    "status",
    "payment_status",
    "created_at",
    "user",
    "items",
    "accounts",
    "supplier_order_id",
];

/// Reads the fixed orders, each with its description.
pub(super) fn read(
    file: &Fields<'_>,
    offers: &Register<Offer>,
    epoch: Option<Timestamp>,
    numbers: &mut Numbers,
) -> Option<Vec<(FixedPlan, FixedOrder)>> {
    let mut users = Users::new();
    let read = |element: Field<'_>| {
        let fields = element.fields(FIELDS)?;
        let documented = documented(&fields, true, numbers);
        let accounts = accounts(&fields);
        let number = documented.as_ref().map(|documented| documented.number);
        let order = order(&fields, number, offers, epoch, &mut users);
        Some((FixedPlan { order: order?, accounts: accounts? }, documented?))
    };
    let fixed: Vec<_> = file.elements("fixed").into_iter().map(read).collect();
    fixed.into_iter().collect()
}

/// Reads the numbers that no order has.
pub(super) fn read_absent(file: &Fields<'_>, numbers: &mut Numbers) -> Option<Vec<FixedOrder>> {
    let read = |element: Field<'_>| documented(&element.fields(&["number", "about"])?, false, numbers);
    let absent: Vec<_> = file.elements("absent").into_iter().map(read).collect();
    absent.into_iter().collect()
}

fn documented(fields: &Fields<'_>, exists: bool, numbers: &mut Numbers) -> Option<FixedOrder> {
    let number = fields.required("number").and_then(|field| {
        let number: u64 = field.integer(&limits::NUMBER)?;
        numbers.claim(fields.place(), field.place(), number, number);
        OrderId::new(i64::try_from(number).ok()?)
    });
    let about = fields.required("about").and_then(|field| field.line(limits::MAX_SENTENCE_CHARS));
    Some(FixedOrder { number: number?, about: about?.to_owned(), exists })
}

fn order(
    fields: &Fields<'_>,
    number: Option<OrderId>,
    offers: &Register<Offer>,
    epoch: Option<Timestamp>,
    users: &mut Users,
) -> Option<Order> {
    let status = fields.required("status").and_then(|field| field.parsed());
    let payment_status = fields.or("payment_status", PaymentStatus::Completed, |field| field.parsed());
    let created_at = fields.required("created_at").and_then(|field| {
        let created_at = field.moment()?;
        match epoch {
            Some(epoch) if created_at > epoch => {
                field.refuse(format_args!("must not be after the epoch, {epoch}"))
            }
            _ => Some(created_at),
        }
    });
    let user = fields.required("user").and_then(|field| user(&field, users));
    let items = fields.required("items").and_then(|field| items(&field, offers));
    let supplier_order_id = fields.or("supplier_order_id", None, |field| {
        field.line(MAX_SUPPLIER_ORDER_ID_CHARS).map(|id| Some(id.into()))
    });
    Some(Order {
        id: number?,
        status: status?,
        payment_status: payment_status?,
        user: user?,
        items: items?.into(),
        created_at: created_at?,
        accounts: AccountList::default(),
        supplier_order_id: supplier_order_id?,
    })
}

/// Buyers so far.
type Users = BTreeMap<ObjectId, Arc<User>>;

fn user(field: &Field<'_>, users: &mut Users) -> Option<Arc<User>> {
    let fields = field.fields(&["id", "email", "name"])?;
    let id = fields.required("id").and_then(|field| field.parsed());
    let email = fields.required("email").and_then(|field| field.email());
    let name = fields.required("name").and_then(|field| field.line(limits::MAX_NAME_CHARS));
    let user = User { id: id?, email: email?.into(), name: name?.into() };
    let known = users.entry(user.id).or_insert_with(|| Arc::new(user.clone()));
    if **known == user {
        Some(known.clone())
    } else {
        field.refuse(format_args!(
            "has the id of {} <{}>; one id stands for one buyer",
            known.name, known.email
        ))
    }
}

fn items(field: &Field<'_>, offers: &Register<Offer>) -> Option<Vec<Item>> {
    let elements = field.elements()?;
    if !(1..=*limits::ITEMS.end() as usize).contains(&elements.len()) {
        return field.refuse(format_args!("must be 1 to {} items", limits::ITEMS.end()));
    }
    let items: Vec<_> = elements.iter().map(|element| item(element, offers)).collect();
    items.into_iter().collect()
}

fn item(element: &Field<'_>, offers: &Register<Offer>) -> Option<Item> {
    let fields = element.fields(&["product", "quantity", "unit_price"])?;
    let offer = fields.required("product").and_then(|field| offers.find(&field));
    let quantity = fields.required("quantity").and_then(|field| field.integer(&limits::QUANTITY));
    let unit_price = fields.or("unit_price", None, |field| field.parsed().map(Some));
    let offer = offer?;
    Some(Item {
        quantity: quantity?,
        unit_price: unit_price?.unwrap_or(offer.unit_price),
        product: offer.product,
    })
}

/// Reads the delivered accounts. An update would have to accept every one of them.
fn accounts(fields: &Fields<'_>) -> Option<Vec<SubmittedAccount>> {
    let elements = fields.elements("accounts");
    let submitted = |text: Option<&str>| {
        text.map_or(SubmittedAccount::NotText, |text| SubmittedAccount::Text(text.to_owned()))
    };
    let accounts: Vec<_> = elements.iter().map(|element| submitted(element.text())).collect();
    let dropped =
        clean(&accounts, &AccountList::default(), &Deduplication::standard(&FingerprintKey([0; 32]))).dropped;
    for DroppedAccount { index, reason } in &dropped {
        match reason {
            // The problem was noted when the field was read.
            DropReason::Malformed if accounts[*index] == SubmittedAccount::NotText => None,
            DropReason::Malformed => {
                elements[*index].refuse("must be an account, \"username:password\" or \"email:password\"")
            }
            DropReason::Repeated | DropReason::AlreadyDelivered | DropReason::DeliveredElsewhere => {
                elements[*index].refuse::<()>("stands earlier in the list; name it once")
            }
        };
    }
    dropped.is_empty().then_some(accounts)
}
