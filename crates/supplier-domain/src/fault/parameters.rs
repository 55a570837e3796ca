//! Effect parameters that are words.

use crate::closed_set::closed_set;

closed_set! {
    /// How a connection is closed.
    #[derive(Default)]
    Close {
        /// In order: the client reads an end of stream.
        #[default]
        Fin = "fin",
        /// By a reset: the client reads an error.
        Rst = "rst",
    }
}

closed_set! {
    /// When a fault strikes a call.
    #[derive(Default)]
    When {
        /// Before the server handles the call.
        #[default]
        Before = "before",
        /// After the server handled the call. What the call did stays done.
        After = "after",
    }
}

closed_set! {
    /// How an answer says where its body ends (HTTP/1.1).
    #[derive(Default)]
    Framing {
        /// `Content-Length` says how long the body is.
        #[default]
        Length = "length",
        /// The body comes in chunks, and an empty one ends it (`Transfer-Encoding: chunked`).
        Chunked = "chunked",
    }
}
