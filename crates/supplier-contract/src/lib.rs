//! The contract suite: is this implementation the Supplier API?
