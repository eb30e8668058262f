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
    /// When the rules of the project verified longest ago were read; `nil` before the first time.
    public var verifiedAt: Timestamp?

    init(account: String, source: Source, allowed: AllowedSet, in connection: Connection) throws {
        self.account = account
        self.source = source.name
        records = try VisibleRecords(source: source.id, allowed: allowed, in: connection)
        accessVersion = allowed.accessVersion
        verifiedAt = try ProjectRecords.all(source: source.id, in: connection)
            .filter { $0.accessState == .verified }.compactMap(\.accessVerified).min()
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
