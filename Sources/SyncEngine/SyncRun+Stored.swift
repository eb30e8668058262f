import AccessControl
import IssueDecoding
import IssueModel
import JiraClient
import SiteConnection
import Store

extension SyncRun {
    /// Takes fields, projects and rules from the store, where the run does not read them.
    func useStoredCatalogue() async throws {
        let sourceID = source.id
        let (fields, records, facts) = try await store.read { connection in
            (
                try CatalogueRecords.fields(source: sourceID, in: connection),
                try ProjectRecords.all(source: sourceID, in: connection),
                try AccessRecords.facts(source: sourceID, withPeople: false, in: connection)
            )
        }
        let decoder = IssueDecoder(fields: FieldCatalogue(fields), flavour: client.flavour)
        let rules = AudienceRules(facts)
        let live = records.filter { $0.accessState != .gone && !$0.project.isArchived }.map(\.project)
        withState { state in
            state.decoder = decoder
            state.rules = rules
            state.projects = live
            // Read on a schedule of its own; here only where the run outlasts that.
            state.refreshed = began
        }
    }

    /// The project that the run is about; `nil` where it is about all.
    func chosenProject() throws -> EntityID? {
        guard case .project(let key) = extent else { return nil }
        let wanted = key.uppercased()
        guard let project = withState({ $0.projects.first { $0.key.uppercased() == wanted } }) else {
            throw SyncFailure(
                .projectUnknown, what: "The source \(source.name) has no project \(key).",
                why: "It does not exist, is archived or out of scope, or the account may not see it.",
                fix: "Check the key, or read the list of projects again with 'drawbridge sync \(source.name)'.")
        }
        return project.id
    }
}
