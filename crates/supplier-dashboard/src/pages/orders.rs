//! Orders page: the supplier's orders as a table.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use supplier_control::{OrderSearch, OrderState};
use supplier_domain::{EntityType, OrderId, OrderStatus, ProductType, SupplierId};

use super::{Frame, html};
use crate::Dashboard;
use crate::access::{PageQuery, Visitor};
use crate::failure::Failure;
use crate::words::{delivered, moment, standing};

/// Page sizes.
const SIZES: [usize; 3] = [25, 50, 100];

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Filters {
    status: String,
    #[serde(rename = "productType")]
    product_type: String,
    #[serde(rename = "entityType")]
    entity_type: String,
    #[serde(rename = "subCategory")]
    sub_category: String,
    number: String,
    size: String,
    page: String,
}

#[derive(Template)]
#[template(path = "orders.html")]
struct Page {
    frame: Frame,
    asked: Filters,
    statuses: &'static [OrderStatus],
    product_types: [&'static str; 3],
    entity_types: [&'static str; 2],
    rows: Vec<Row>,
    total: usize,
    first: usize,
    size: usize,
    sizes: [usize; 3],
    earlier: Option<String>,
    later: Option<String>,
    problem: Option<String>,
}

struct Row {
    number: OrderId,
    status: OrderStatus,
    look: &'static str,
    standing: String,
    delivered: String,
    what: String,
    created: String,
}

impl Row {
    fn of(state: &OrderState, supplier: &SupplierId) -> Self {
        let (look, standing) = standing(state, supplier);
        let names: Vec<_> = state
            .order
            .seen_by(supplier)
            .into_iter()
            .flat_map(|view| view.items())
            .map(|item| &*item.product.name)
            .collect();
        Self {
            number: state.order.id,
            status: state.order.status,
            look,
            standing,
            delivered: delivered(state, supplier),
            what: names.join(", "),
            created: moment(state.order.created_at),
        }
    }
}

impl Filters {
    /// The search. An invalid filter is an error that names it.
    fn search(&self, supplier: &SupplierId, size: usize, page: usize) -> Result<OrderSearch, String> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let status = match given(&self.status) {
            Some(status) => Some(vec![
                status.parse::<OrderStatus>().map_err(|_| format!("There is no status {status:?}."))?,
            ]),
            None => None,
        };
        let kind = |text: String| {
            text.parse::<ProductType>().map_err(|_| format!("There is no product type {text:?}."))
        };
        let entity = |text: String| {
            text.parse::<EntityType>().map_err(|_| format!("There is no entity type {text:?}."))
        };
        Ok(OrderSearch {
            supplier: Some(supplier.clone()),
            statuses: status,
            payment_status: None,
            product_type: given(&self.product_type).map(kind).transpose()?,
            entity_type: given(&self.entity_type).map(entity).transpose()?,
            sub_category: given(&self.sub_category),
            offset: size.saturating_mul(page - 1),
            limit: size,
        })
    }

    fn to_page(&self, page: usize, size: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let fields = [
            ("status", &self.status),
            ("productType", &self.product_type),
            ("entityType", &self.entity_type),
            ("subCategory", &self.sub_category),
        ];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        query.append_pair("size", &size.to_string()).append_pair("page", &page.to_string());
        format!("/orders?{}", query.finish())
    }
}

pub(crate) async fn list(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    PageQuery(asked): PageQuery<Filters>,
) -> Result<Response, Failure> {
    let mut problem = None;
    if !asked.number.trim().is_empty() {
        match asked.number.trim().parse::<OrderId>() {
            Ok(number) => return Ok(Redirect::to(&format!("/orders/{number}")).into_response()),
            Err(_) => problem = Some(format!("{:?} is no order number.", asked.number)),
        }
    }
    let frame = Frame::of(&dashboard, &visitor, "orders").await?;
    let session = &visitor.session;
    let size = asked.size.parse().ok().filter(|size| SIZES.contains(size)).unwrap_or(SIZES[0]);
    let page: usize = asked.page.parse().ok().filter(|page| *page >= 1).unwrap_or(1);
    let search = asked.search(&session.supplier, size, page);
    let search = search.map_err(|why| problem = Some(why)).unwrap_or_else(|()| OrderSearch {
        supplier: Some(session.supplier.clone()),
        limit: size,
        ..OrderSearch::default()
    });
    let found = dashboard.control().find_orders(&session.sandbox, &search, dashboard.now()).await?;
    let rows: Vec<_> = found.orders.iter().map(|state| Row::of(state, &session.supplier)).collect();
    let has_later = search.offset + rows.len() < found.total;
    html(&Page {
        earlier: (page > 1).then(|| asked.to_page(page - 1, size)),
        later: has_later.then(|| asked.to_page(page + 1, size)),
        frame,
        asked,
        statuses: OrderStatus::ALL,
        product_types: ["manual", "auto", "inventory"],
        entity_types: ["product", "smm_service"],
        first: search.offset + 1,
        rows,
        total: found.total,
        size,
        sizes: SIZES,
        problem,
    })
}
