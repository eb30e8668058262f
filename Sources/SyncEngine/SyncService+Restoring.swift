import AccessControl
import Database
import IssueDecoding
public import IssueModel
import JiraClient
import Journal
import SearchIndex
public import SiteConnection
import Store

extension SyncService {
    /// Puts a removed issue back from its copy, without a request, and lets Jira be asked for it by the next run. Until Jira
    /// returns it, nobody but the operator sees it: who might have, when it was removed, the copy may not tell.
    ///
    /// - Parameter key: The key it had last.
    /// - Throws: ``SyncFailure``, with code `storageFailed` where no copy of it is kept.
    public func restore(_ key: IssueKey, of name: String) async throws(SyncFailure) -> IssueID {
        do {
            let source = try await source(named: name)
            let (sourceID, raw, now) = (source.id, store.raw, time.now())
            let found = try await store.read { connection -> Found? in
                guard let grave = try Graves.entry(key: key, source: sourceID, in: connection),
                    let parts = try Graves.parts(of: grave.issue, source: sourceID, with: raw, in: connection),
                    let copy = RawIssue(part: { parts[$0] })
                else { return nil }
                return Found(
                    copy: copy, fields: try CatalogueRecords.fields(source: sourceID, in: connection),
                    rules: AudienceRules(
                        try AccessRecords.facts(source: sourceID, withPeople: false, in: connection)),
                    packer: try raw.packer(source: sourceID, in: connection))
            }
            guard let found else {
                throw StoreError(.notFound, "No copy is kept of an issue \(key) of \(name) that was removed")
            }
            let decoder = IssueDecoder(
                fields: FieldCatalogue(found.fields), flavour: source.product == .cloud ? .cloud : .dataCenter)
            let issue = try decoder.decode(found.copy)
            let prepared = try IssuePreparation(rules: found.rules, packer: found.packer)
                .prepare(FetchedIssue(issue: issue, raw: found.copy))
            try await store.write { context in
                try Self.restore(prepared, at: now, source: sourceID, in: context)
            }
            return issue.id
        } catch {
            throw SyncFailure(error, in: .issues)
        }
    }

    private struct Found: Sendable {
        var copy: RawIssue
        var fields: [Field]
        var rules: AudienceRules
        var packer: RawPacker
    }

    private static func restore(
        _ prepared: PreparedIssue, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        let words = prepared.words
        var issue = prepared.issue
        // The copy may be older than what things are called now.
        try CurrentNames(source: source, in: context.connection).apply(to: &issue)
        func intern(_ key: AclKey) throws -> Int64 {
            try AccessRecords.intern(key, source: source, in: context)
        }
        let (id, _) = try IssueRecords.replace(
            issue, raw: prepared.raw, acls: try words.keys.acls(intern), fetched: now, force: true, source: source,
            in: context)
        try SearchIndexWriter.replace(
            issue: id, text: words.text, restrictions: try words.restrictions.map(intern), in: context.connection)
        try IssueRecords.setState(.unseen, of: issue.id, source: source, in: context)
        try SearchIndexWriter.close(
            issue: id, acl: try Withheld.acl(source: source, in: context), in: context.connection)
        try Graves.forget([issue.id], source: source, in: context)
        try PendingIssues.add([issue.id], cause: .manual, at: now, source: source, in: context)
    }
}
