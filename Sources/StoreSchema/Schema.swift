public import Database

/// The tables of the store. What each holds is told in `docs/storage.md`.
///
/// Times are milliseconds since 1970, days are days since 1970. `id` is ours; `jira_id` is Jira's.
public enum Schema {
    /// Every step, oldest first. A step that shipped is never edited; a new one is added.
    public static let migrations: [Migration] = [
        Migration("store", 1, "sources, people, projects, access and issues", sql: step001),
        Migration("store", 2, "leases, declared levels, listings, withheld issues and audits", sql: step002),
        Migration("store", 3, "staying in step: waiting issues, absences, leases and webhooks", sql: step003),
    ]
}
