//! Lending: what can be borrowed and who has it. Loans begin and end by events; see
//! [`crate::ingest`].

pub(crate) mod loans;

use axum::Json;
use axum::extract::State;
use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{ItemId, OrganisationId, PersonId};
use kokoni_model::rules::lending::Loan;
use kokoni_model::wire::problem::Problem;
use kokoni_model::wire::views::{ItemList, ItemView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;
use crate::directory::entries::Viewer;
use crate::params;
use crate::problem::ApiResult;
use crate::store::{Columns, FromRow, StoreError, Tx};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(items))
}

/// What can be borrowed and who has it.
#[utoipa::path(get, path = "/api/v1/items", tag = "lending",
    security(("access" = [])),
    responses(
        (status = 200, body = ItemList, description = "Every item, by locker and name."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`sign_in_needed`, `device_revoked`"),
    ))]
async fn items(State(app): State<App>, caller: Caller) -> ApiResult<Json<ItemList>> {
    let list = app.store.read(move |tx| list(tx, caller)).await?;
    Ok(Json(list))
}

/// One row of the list, before the policy.
struct Listed {
    view: ItemView,
    borrower: Option<String>,
}

impl FromRow for Listed {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        let mut view = ItemView {
            item: columns.take()?,
            name: columns.take()?,
            locker: columns.take()?,
            locker_name: columns.take()?,
            loan: None,
            borrower: None,
        };
        let person: Option<PersonId> = columns.take()?;
        let since: Option<Timestamp> = columns.take()?;
        let due_us = columns.take()?;
        if let (Some(person), Some(since_us)) = (person, since) {
            view.loan = Some(Loan {
                item: view.item,
                person,
                since_us,
                due_us,
            });
        }
        let family: Option<String> = columns.take()?;
        let given: Option<String> = columns.take()?;
        let borrower = family
            .zip(given)
            .map(|(family, given)| format!("{family} {given}"));
        Ok(Self { view, borrower })
    }
}

/// Every item as this person may see it.
///
/// # Errors
/// Those of the store.
pub fn list(tx: &Tx<'_>, caller: Caller) -> Result<ItemList, StoreError> {
    let viewer = Viewer::load(tx, caller)?;
    let listed: Vec<Listed> = tx.query(
        "SELECT i.id, i.name, k.id, k.name, l.person, l.since_us, l.due_us, p.family, p.given
         FROM item i
         JOIN locker k ON k.organisation = i.organisation AND k.id = i.locker
         LEFT JOIN loan l ON l.organisation = i.organisation AND l.item = i.id
             AND l.ended_us IS NULL
         LEFT JOIN person p ON p.organisation = l.organisation AND p.id = l.person
         WHERE i.organisation = $1
         ORDER BY k.name, k.id, i.name, i.id",
        params![caller.organisation],
    )?;
    let items = listed
        .into_iter()
        .map(|Listed { mut view, borrower }| {
            let shown = view.loan.is_some_and(|loan| viewer.sees(loan.person));
            view.borrower = borrower.filter(|_| shown);
            view
        })
        .collect();
    Ok(ItemList { items })
}

/// A loan as it is read from `item, person, since_us, due_us`.
pub(crate) struct LoanRow(pub(crate) Loan);

impl FromRow for LoanRow {
    fn from_row(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(Loan {
            item: columns.take()?,
            person: columns.take()?,
            since_us: columns.take()?,
            due_us: columns.take()?,
        }))
    }
}

/// What a person has borrowed, oldest first.
///
/// # Errors
/// Those of the store.
pub fn of_person(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
) -> Result<Vec<Loan>, StoreError> {
    let rows: Vec<LoanRow> = tx.query(
        "SELECT item, person, since_us, due_us FROM loan
         WHERE organisation = $1 AND person = $2 AND ended_us IS NULL
         ORDER BY since_us, item",
        params![organisation, person],
    )?;
    Ok(rows.into_iter().map(|LoanRow(loan)| loan).collect())
}

/// The loan of an item that goes on.
///
/// # Errors
/// Those of the store.
pub fn of_item(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    item: ItemId,
) -> Result<Option<Loan>, StoreError> {
    let row: Option<LoanRow> = tx.first(
        "SELECT item, person, since_us, due_us FROM loan
         WHERE organisation = $1 AND item = $2 AND ended_us IS NULL",
        params![organisation, item],
    )?;
    Ok(row.map(|LoanRow(loan)| loan))
}
