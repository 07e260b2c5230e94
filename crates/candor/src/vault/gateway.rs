//! The gateway: one table says who may do what; everything not in it is refused.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use candor_model::CustodianRole as Custodian;
use serde::de::DeserializeOwned;

use crate::invitation::Role;
use crate::vault::Vault;
use crate::vault::listener::Peer;
use crate::vault::problem::Failure;
use crate::vault::routes;
use crate::wire::{JSON_BYTES_MAX, OBJECT_BYTES_MAX};

/// How long a request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

macro_rules! actions {
    ($($name:ident: $method:ident $path:literal $access:expr, $limit:expr, $handler:path;)*) => {
        /// Everything that can be asked of a vault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Action { $($name,)* }

        impl Action {
            /// Every action.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// Who may.
            pub(crate) const fn access(self) -> Access {
                match self { $(Self::$name => $access,)* }
            }

            const fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }

            /// The HTTP method.
            #[cfg(test)]
            pub(crate) const fn method(self) -> &'static str {
                match self { $(Self::$name => stringify!($method),)* }
            }

            fn handler(self) -> MethodRouter<Arc<Vault>> {
                match self { $(Self::$name => on(MethodFilter::$method, $handler).layer(DefaultBodyLimit::max($limit)),)* }
            }
        }
    };
}

/// Who may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody who reaches the address, without a certificate.
    Public,
    /// Members with one of these roles.
    Roles(&'static [Role]),
}

const ALL: Access = Access::Roles(&Role::ALL);
const PARTICIPANT: Access = Access::Roles(&[Role::Participant]);
const CUSTODIAN: Access = Access::Roles(&[
    Role::Custodian(Custodian::Security),
    Role::Custodian(Custodian::Privacy),
    Role::Custodian(Custodian::Participants),
    Role::Custodian(Custodian::Operations),
    Role::Custodian(Custodian::Outside),
]);
const OPERATOR: Access = Access::Roles(&[Role::Operator]);
const BUILDER: Access = Access::Roles(&[Role::Builder, Role::Agent]);
/// Participants for their own, builders for what they were granted.
const READER: Access = Access::Roles(&[Role::Participant, Role::Builder, Role::Agent]);
/// A selection is a list of segments, about 150 bytes each.
const SELECTION_BYTES_MAX: usize = 16 << 20;

actions! {
    Enrol: POST "/v1/enrol" Access::Public, JSON_BYTES_MAX, routes::enrol::enrol;
    Program: GET "/v1/program" ALL, 0, routes::program::get;
    Invite: POST "/v1/invitations" OPERATOR, JSON_BYTES_MAX, routes::enrol::invite;
    SetState: POST "/v1/state" OPERATOR, JSON_BYTES_MAX, routes::program::set_state;
    Consent: POST "/v1/consents" PARTICIPANT, JSON_BYTES_MAX, routes::consent::give;
    Withdraw: POST "/v1/withdrawals" PARTICIPANT, JSON_BYTES_MAX, routes::consent::withdraw;
    Lease: POST "/v1/leases" PARTICIPANT, JSON_BYTES_MAX, routes::consent::lease;
    Encapsulation: PUT "/v1/sessions/{session}/encapsulations/{number}" PARTICIPANT, JSON_BYTES_MAX,
        routes::upload::encapsulation;
    Segment: PUT "/v1/segments/{object}" PARTICIPANT, OBJECT_BYTES_MAX, routes::upload::segment;
    Tombstone: PUT "/v1/sessions/{session}/tombstones/{number}" PARTICIPANT, JSON_BYTES_MAX, routes::upload::tombstone;
    Erase: POST "/v1/erasures" PARTICIPANT, JSON_BYTES_MAX, routes::erase::erase;
    Approve: POST "/v1/approvals" CUSTODIAN, JSON_BYTES_MAX, routes::release::approve;
    Segments: GET "/v1/segments" BUILDER, 0, routes::release::list;
    Release: POST "/v1/releases" BUILDER, SELECTION_BYTES_MAX, routes::release::release;
    Object: GET "/v1/objects/{object}" READER, 0, routes::release::object;
    RegisterDataset: POST "/v1/datasets" BUILDER, SELECTION_BYTES_MAX, routes::dataset::register;
    Datasets: GET "/v1/datasets" BUILDER, 0, routes::dataset::list;
    Checkpoint: GET "/log/checkpoint" Access::Public, 0, routes::log::checkpoint;
    Tile: GET "/log/tile/{*path}" Access::Public, 0, routes::log::tile;
}

#[cfg(test)]
impl Action {
    /// An address that leads to this action.
    pub(crate) fn example(self) -> String {
        let hash = "0".repeat(64);
        self.path()
            .replace("{session}", "s-00000000000000000000000000000000")
            .replace("{number}", "0")
            .replace("{object}", &hash)
            .replace("{*path}", "0/000")
    }
}

/// The router of a vault.
pub(crate) fn router(vault: Arc<Vault>) -> Router {
    let mut router = Router::new();
    for action in Action::ALL.iter().copied() {
        let guard = from_fn_with_state((Arc::clone(&vault), action), guard);
        router = router.route(action.path(), action.handler().route_layer(guard));
    }
    let nothing = || async { Failure::new(StatusCode::NOT_FOUND, "there is no such address here", "update candor") };
    router.fallback(nothing).with_state(vault)
}

/// Lets a request through to its handler where its action is allowed to the member that the certificate proves.
async fn guard(
    State((vault, action)): State<(Arc<Vault>, Action)>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Access::Roles(roles) = action.access() {
        let member = match peer.0 {
            Some(certificate) => vault.register.by_certificate(certificate).await,
            None => Ok(None),
        };
        match member {
            Ok(Some(member)) if roles.contains(&member.role) => {
                request.extensions_mut().insert(member);
            }
            Ok(Some(member)) => {
                let error = format!("this is not for the role `{}`", member.role);
                return Failure::forbidden(error, "ask somebody whose role it is").into_response();
            }
            Ok(None) => {
                let remedy = "enrol with an invitation from the vault's operator";
                return Failure::new(StatusCode::UNAUTHORIZED, "you are no member here", remedy).into_response();
            }
            Err(error) => return Failure::from(error).into_response(),
        }
    }
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::new(StatusCode::REQUEST_TIMEOUT, "the request took too long", "try again").into_response(),
    }
}

/// Runs `work` to its end, also where the client hangs up meanwhile or the time is over: what changes keys or marks must
/// not stop half-way because a connection did.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    tokio::spawn(work).await?
}

/// A body of JSON that this version understands wholly.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let Raw(bytes) = Raw::from_request(request, state).await?;
        // The parser's message could quote the body, so it is not passed on.
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| Failure::bad("the vault does not understand this request", "update candor"))
    }
}

/// A body of bytes within the route's limit.
pub(crate) struct Raw(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection: BytesRejection| {
            match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Failure::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "the body is longer than this address takes",
                    "send less at once",
                ),
                _ => Failure::bad("the body was cut off", "try again"),
            }
        })
    }
}
