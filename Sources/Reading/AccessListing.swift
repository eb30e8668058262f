import AccessControl
import Database
import FastJSON
public import IssueModel
public import Store

/// Everything one reader may see in one source.
public struct AccessListing: Hashable, Sendable {
    /// The reader's account id, `anonymous` or `operator`.
    public var account: String
    /// The source's name.
    public var source: String
    public var records: VisibleRecords
    public var accessVersion: Int64
    /// When what decides was last read from Jira: of all the facts that count, the oldest. The rules of the projects that
    /// are shown; where accounts list for themselves, the reader's own listing. `nil` where nothing counts.
    public var verifiedAt: Timestamp?

    init(reader: ResolvedReader, source: Source, allowed: AllowedSet, now: Timestamp, in connection: Connection) throws
    {
        account = reader.label(inSource: source.id)
        self.source = source.name
        records = try VisibleRecords(source: source.id, allowed: allowed, in: connection)
        accessVersion = allowed.accessVersion
        verifiedAt = try Self.verified(for: reader, source, now, connection)
    }

    private static func verified(
        for reader: ResolvedReader, _ source: Source, _ now: Timestamp, _ connection: Connection
    ) throws -> Timestamp? {
        var result: Timestamp?
        if source.accessMode != .linked {
            result = try ProjectRecords.all(source: source.id, in: connection)
                .filter { ProjectRecords.access(of: $0, source: source, now: now).isShown }
                .compactMap(\.accessVerified).min()
        }
        guard case .account(let account) = reader.reader.identity(inSource: source.id),
            let listing = try Listings.current(account, source: source, now: now, in: connection)
        else { return result }
        return min(result ?? listing, listing)
    }

    /// The `access visible` document.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("account", account)
            json.member("source", source)
            json.strings("issues", records.issues.lazy.map(\.description))
            json.strings("comments", records.comments.lazy.map(\.rawValue))
            json.strings("attachments", records.attachments.lazy.map(\.rawValue))
            json.strings("worklogs", records.worklogs.lazy.map(\.rawValue))
            json.member("accessVersion", Int(accessVersion))
            json.member("verifiedAt", verifiedAt?.rfc3339)
        }
        return writer.bytes
    }

    /// The same for people: how many of each.
    public var text: String {
        let counts = [
            (records.issues.count, "issue"), (records.comments.count, "comment"),
            (records.attachments.count, "attachment"), (records.worklogs.count, "worklog"),
        ].map { "\($0) \($1)\($0 == 1 ? "" : "s")" }
        return """
            \(account) sees in \(source): \(counts.joined(separator: ", ")).
            The rules were last read: \(verifiedAt?.forPeople ?? "not yet").
            """
    }
}

extension Listings {
    /// When the account's listing was verified, where its lease has not ended.
    static func current(
        _ account: AccountID, source: Source, now: Timestamp, in connection: Connection
    ) throws -> Timestamp? {
        guard let verified = try record(account, source: source.id, in: connection)?.verified,
            now.rawValue < verified.rawValue + Int64(source.accessOptions.lease) * 1_000
        else { return nil }
        return verified
    }
}
