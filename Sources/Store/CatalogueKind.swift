/// What kind of thing of Jira's configuration a catalogue row is.
public enum CatalogueKind: String, Hashable, Sendable, CaseIterable {
    /// `data`: `{"category": "new"}`.
    case status
    /// `data`: `{"subtask": false, "level": 0}`.
    case type
    case priority, resolution, component
    /// `data`: `{"released": true, "archived": false, "release": "2026-01-31"}`.
    case version
    /// `data`: `{"state": "active", "board": "7", "start": …, "end": …, "completed": …, "goal": …}`, times in
    /// milliseconds.
    case sprint
    /// `data`: `{"type": "scrum", "project": "PAY"}`.
    case board
    /// The label is its own identity and name.
    case label
    /// A project role, by its id.
    case role
    /// The name of a link type is its identity. `data`: `{"inward": …, "outward": …}` where known.
    case linkType = "linktype"
    /// `data`: `{"type": …, "items": …, "custom": …}`.
    case field
}

/// What of the catalogue a row of `issue_value` names, as stored.
public enum IssueValueKind: Int64, Hashable, Sendable, CaseIterable {
    case label = 1
    case component = 2
    case fixVersion = 3
    case affectedVersion = 4
    case sprint = 5
}
