internal import IssueModel
public import Database
public import FastJSON
public import Store
public import Workspace

/// A member with the link to every source, as whoever runs the installation is shown it.
public struct MemberReport: Hashable, Sendable {
    public let member: Member
    private let links: [Link]

    private struct Link: Hashable {
        let source: String
        let row: PeopleTable.MemberRow
    }

    public init(_ member: Member, in connection: Connection) throws {
        self.member = member
        links = try SourceRecords.all(in: connection, includingRemoved: false).map { source in
            Link(source: source.name, row: try PeopleTable.MemberRow(of: member, in: source, connection))
        }
    }

    /// Every member, by address.
    public static func all(in store: Store) async throws -> [MemberReport] {
        try await store.read { connection in
            try MemberRecords.list(in: connection).map { try MemberReport($0, in: connection) }
        }
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("email", member.email)
            json.member("name", member.name)
            json.member("role", member.role.rawValue)
            json.member("state", member.state.rawValue)
            json.member("emailVerified", member.emailVerified)
            json.member("added", member.added.rfc3339)
            json.key("links")
            json.array { json in
                for link in links {
                    json.object { json in
                        json.member("source", link.source)
                        link.row.writeLink(to: &json)
                    }
                }
            }
        }
    }

    /// Several lines, which hold what people typed: to be made visible before a terminal shows them.
    public var text: String {
        let name = member.name == member.email ? "" : " (\(member.name))"
        let unverified = member.emailVerified ? "" : ", address not verified"
        let suspended = member.state == .suspended ? ", suspended" : ""
        let lines = links.flatMap { link in
            ["    \(link.source): \(link.row.words)"]
                + (link.row.remark.code == nil ? [] : ["        \(link.row.remark.message)"])
        }
        return (["\(member.email)\(name), \(member.role.rawValue)\(suspended)\(unverified)"] + lines)
            .joined(separator: "\n")
    }
}
