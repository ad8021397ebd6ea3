//! The contract that the server publishes, `/openapi.json`, as far as tests need it: its operations
//! with their parameters, bodies and answers.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::{Map, Value};

use crate::http::{self, Request};

/// The published contract.
pub struct Contract(Value);

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its method, upper case.
    pub method: String,
    /// Its path, parameters in braces.
    pub path: String,
    /// What stands in path and query.
    pub parameters: Vec<Parameter>,
    /// The schema of its JSON body, if it takes one.
    pub body: Option<Value>,
    /// Whether it always asks for a token.
    pub secured: bool,
    /// The statuses it may answer with.
    pub statuses: BTreeSet<u16>,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Whether it stands in the path; otherwise in the query.
    pub in_path: bool,
    /// Its schema, resolved.
    pub schema: Value,
}

impl Operation {
    /// `METHOD /path`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Contract {
    /// Asks a server for it, by the name that the server answers to.
    pub fn fetch(server: SocketAddr, host: &str) -> Self {
        let request = Request::new("GET", "/openapi.json").header("host", host);
        let answer = http::send(server, &request);
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self(answer.json())
    }

    /// Every operation.
    pub fn operations(&self) -> Vec<Operation> {
        let paths = self.0["paths"].as_object().expect("paths");
        paths
            .iter()
            .flat_map(|(path, item)| {
                let item = item.as_object().expect("a path item");
                item.iter()
                    .filter(|(key, _)| *key != "parameters")
                    .map(|(method, operation)| self.operation(path, item, method, operation))
            })
            .collect()
    }

    fn operation(
        &self,
        path: &str,
        item: &Map<String, Value>,
        method: &str,
        operation: &Value,
    ) -> Operation {
        let none = Vec::new();
        let parameters = [item.get("parameters"), operation.get("parameters")]
            .into_iter()
            .flatten()
            .flat_map(|list| list.as_array().unwrap_or(&none))
            .filter(|parameter| matches!(parameter["in"].as_str(), Some("path" | "query")))
            .map(|parameter| Parameter {
                name: parameter["name"].as_str().expect("a name").to_owned(),
                in_path: parameter["in"] == "path",
                schema: self.resolve(&parameter["schema"]),
            })
            .collect();
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let security = operation["security"].as_array().unwrap_or(&none);
        let anybody = |choice: &Value| choice.as_object().is_some_and(Map::is_empty);
        let statuses = operation["responses"].as_object().expect("responses");
        Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            parameters,
            body: (!body.is_null()).then(|| self.resolve(body)),
            secured: !security.is_empty() && !security.iter().any(anybody),
            statuses: statuses
                .keys()
                .filter_map(|status| status.parse().ok())
                .collect(),
        }
    }

    /// A schema with its reference followed.
    pub fn resolve(&self, schema: &Value) -> Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                let pointer = reference.strip_prefix('#').expect("a local reference");
                let found = self.0.pointer(pointer);
                self.resolve(found.unwrap_or_else(|| panic!("{reference} leads nowhere")))
            }
            None => schema.clone(),
        }
    }

    /// The JSON types that a schema allows; empty where it allows any, or does not say.
    pub fn types(&self, schema: &Value) -> BTreeSet<String> {
        let schema = self.resolve(schema);
        let named = match &schema["type"] {
            Value::String(one) => vec![one.clone()],
            Value::Array(several) => several
                .iter()
                .filter_map(|kind| kind.as_str().map(str::to_owned))
                .collect(),
            _ => vec![],
        };
        let choices = ["oneOf", "anyOf"].iter().flat_map(|key| {
            let choices = schema[*key].as_array().cloned().unwrap_or_default();
            choices.into_iter().flat_map(|choice| self.types(&choice))
        });
        named.into_iter().chain(choices).collect()
    }
}
