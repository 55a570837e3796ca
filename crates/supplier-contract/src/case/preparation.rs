//! What a case asks of the hook: orders, keys, time, and the state of an order.

use std::rc::Rc;

use serde_json::Value;
use tokio::time::{Duration, sleep};

use super::{Case, CaseError};
use crate::claim::Claim;
use crate::provision::{Need, OrderState};
use crate::script::{Expect, NewOrders, Step, Who};

impl Case<'_> {
    /// Makes orders, and names them by their places in the case. Where others have orders too, they are of a subcategory
    /// of the case's own unless they have one already.
    pub async fn place(&mut self, orders: NewOrders) -> Result<Vec<usize>, CaseError> {
        self.place_all([orders]).await
    }

    /// The same with orders of several kinds: by one request, if the hook takes several at once.
    pub async fn place_all(
        &mut self,
        kinds: impl IntoIterator<Item = NewOrders>,
    ) -> Result<Vec<usize>, CaseError> {
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        for orders in &mut kinds {
            if !self.world.exclusive && orders.sub_category.is_none() {
                orders.sub_category = Some(self.tag.clone());
            }
            self.has_fine_price |= orders.has_fine_price();
        }
        let numbers = self.target.create_orders(&self.world, &kinds).await?;
        let from = self.bindings.orders.len();
        for (orders, numbers) in kinds.into_iter().zip(numbers) {
            self.bindings.orders.extend(numbers);
            self.did(Step::Place(orders), Vec::new());
        }
        Ok((from..self.bindings.orders.len()).collect())
    }

    /// Makes one order.
    pub async fn place_one(&mut self, order: NewOrders) -> Result<usize, CaseError> {
        Ok(self.place(order).await?[0])
    }

    /// Makes an order, unless such a one cannot be made.
    pub async fn try_place(&mut self, order: NewOrders) -> Result<Option<usize>, CaseError> {
        Ok(self.try_place_all([order]).await?.map(|orders| orders[0]))
    }

    /// Makes orders of several kinds, unless one of them cannot be made.
    pub async fn try_place_all(
        &mut self,
        kinds: impl IntoIterator<Item = NewOrders>,
    ) -> Result<Option<Vec<usize>>, CaseError> {
        match self.place_all(kinds).await {
            Ok(orders) => Ok(Some(orders)),
            Err(CaseError::Untested(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// What the target's clock shows, if the hook tells.
    pub async fn now(&self) -> Result<Option<jiff::Timestamp>, CaseError> {
        if self.target.offers.waits || !self.target.offers.has(Need::Time) {
            return Ok(None);
        }
        Ok(self.target.provisioner.now(&self.world).await?)
    }

    /// Takes an order that is there already.
    pub fn adopt(&mut self, number: u64) -> usize {
        self.bindings.orders.push(number);
        self.did(Step::Use(number), Vec::new());
        self.bindings.orders.len() - 1
    }

    /// An order of the first supplier that may be changed: made, listed by the configuration, or found.
    pub async fn own_order(&mut self) -> Result<usize, CaseError> {
        self.own_order_like(NewOrders::some(1)).await
    }

    /// The same, like that one where it can be made; where not, as it is.
    pub async fn own_order_like(&mut self, order: NewOrders) -> Result<usize, CaseError> {
        if self.target.offers.has(Need::Orders) {
            return self.place_one(order).await;
        }
        if let Some(number) = self.target.next_own() {
            return Ok(self.adopt(number));
        }
        let page = self.list(Who::First, self.manual().limit(1)).await?;
        match page.numbers().first() {
            Some(&number) => Ok(self.adopt(number)),
            None => Err(CaseError::Untested("there is no order to change".to_owned())),
        }
    }

    /// Makes orders if they can be made; where not, those that are there have to do.
    pub async fn stock(&mut self, orders: impl IntoIterator<Item = NewOrders>) -> Result<(), CaseError> {
        if self.target.offers.has(Need::Orders) {
            self.place_all(orders).await?;
        }
        Ok(())
    }

    /// Moves the clock, or waits.
    pub async fn advance(&mut self, by: Duration) -> Result<(), CaseError> {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        if self.target.offers.waits {
            sleep(by).await;
        } else {
            self.advanced += self.target.advance(&self.world, millis).await?;
        }
        self.did(Step::Advance(millis), Vec::new());
        Ok(())
    }

    /// Makes a further key, which goes by that name.
    pub async fn new_key(&mut self, supplier: Who, name: &str) -> Result<(), CaseError> {
        let key = self.target.provisioner.new_key(&self.world, supplier).await?;
        self.target.keep_secret(&key);
        self.bindings.keys.insert(name.to_owned(), key);
        self.did(Step::NewKey { supplier, name: name.to_owned() }, Vec::new());
        Ok(())
    }

    /// What stands for that name.
    pub fn bound(&self, name: &str) -> &str {
        self.bindings.keys.get(name).map_or("", String::as_str)
    }

    /// Revokes the key of that name, a supplier's.
    pub async fn revoke_key(&mut self, supplier: Who, name: &str) -> Result<(), CaseError> {
        let key = self.bindings.keys.get(name).cloned().unwrap_or_default();
        self.target.provisioner.revoke_key(&self.world, supplier, &key).await?;
        self.did(Step::RevokeKey(name.to_owned()), Vec::new());
        Ok(())
    }

    /// An order as its owner sees it: a step, whose answer is that.
    pub async fn state(&mut self, order: usize) -> Result<OrderState, CaseError> {
        let state = self.target.provisioner.order_state(&self.world, self.number(order)).await?;
        self.did(Step::Look(order), vec![Rc::new(state.as_answer())]);
        Ok(state)
    }

    /// Expects its owner to see an order so.
    pub async fn expect_state(
        &mut self,
        rule: impl Into<Claim>,
        order: usize,
        wanted: &OrderState,
    ) -> Result<(), CaseError> {
        let rule = rule.into();
        self.state(order).await?;
        self.expect(rule, Expect::is("/status", wanted.status.as_str()))?;
        self.expect(rule, Expect::is("/accounts", wanted.accounts))?;
        let id = wanted.supplier_order_id.as_deref().map_or(Value::Null, Value::from);
        self.expect(rule, Expect::is("/supplierOrderId", id))?;
        match &wanted.digest {
            Some(digest) => self.expect(rule, Expect::is("/digest", digest.as_str())),
            None => Ok(()),
        }
    }

    /// Expects its owner to see so many accounts in an order.
    pub async fn expect_accounts(
        &mut self,
        rule: impl Into<Claim>,
        order: usize,
        accounts: u64,
    ) -> Result<(), CaseError> {
        self.state(order).await?;
        self.expect(rule, Expect::is("/accounts", accounts))
    }
}
