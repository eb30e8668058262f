internal import Cryptography
internal import FastJSON
internal import IssueDecoding
internal import IssueModel

/// The body of a delivery, understood as far as a hint needs: of Cloud, Data Center, Server, and of old Servers.
///
/// Jira's payloads differ in what they leave out. Comments may come without their issue, whose id then stands in the
/// comment's address only; worklogs with just the issue's id; changes by the system without a user; attachments with
/// nothing of the issue at all.
public struct WebhookPayload: Hashable, Sendable {
    /// The largest body read, in bytes. Issues with long histories of comments come in megabytes.
    public static let byteLimit = 8 << 20
    /// The deepest nesting read.
    public static let depthLimit = 64

    public let hint: WebhookHint

    /// - Throws: `malformed` for what is not one JSON object in UTF-8 within the depth; `tooLarge`.
    public init(_ body: [UInt8]) throws(WebhookError) {
        guard body.count <= Self.byteLimit else {
            throw WebhookError(.tooLarge, "The body has more than \(Self.byteLimit) bytes")
        }
        do {
            hint = try Self.parsers.parse(body) { root in
                guard root.kind == .object else { throw JSONError("the document is no object") }
                return PayloadReader(root).hint(of: body)
            }
        } catch let error as JSONError {
            throw WebhookError(.malformed, "The body cannot be read: \(error.message)")
        } catch {
            throw WebhookError(.malformed, "The body cannot be read")
        }
    }

    private static let parsers = ParserPool(depth: depthLimit)
}

/// What one walk over a payload's members finds.
private struct PayloadReader {
    private var event = ""
    private var at: Timestamp?
    private var issue: IssueID?
    private var project: String?
    private var link: (IssueID, IssueID)?
    /// What tells the delivery from others, in the order of the document.
    private var identity: [String] = []

    init(_ root: JSONView) {
        for member in root.members {
            let value = member.value
            if member.isNamed("webhookEvent") {
                event = value.string ?? ""
            } else if member.isNamed("timestamp") {
                at = (value.integer ?? value.string.flatMap { Int64($0) }).map { Timestamp(milliseconds: $0) }
            } else if member.isNamed("issue") {
                read(issue: value)
            } else if member.isNamed("issueLink") {
                read(link: value)
            } else if Self.parts.contains(where: { member.isNamed($0) }) {
                read(part: value, named: member.name)
            }
        }
    }

    /// Things with an id of their own; those on an issue tell which in one way or another.
    private static let parts: [StaticString] = [
        "comment", "worklog", "attachment", "changelog", "version", "sprint", "board", "project", "user", "property",
        "issuetype", "filter",
    ]

    private mutating func read(issue view: JSONView) {
        guard view.kind == .object else { return }
        issue = view["id"]?.issueID ?? Self.issue(in: view["self"]) ?? issue
        project = view["key"]?.string.flatMap { IssueKey($0) }?.project ?? project
    }

    private mutating func read(link view: JSONView) {
        identity.append("link \(view["id"]?.identifier ?? "")")
        if let from = view["sourceIssueId"]?.issueID, let to = view["destinationIssueId"]?.issueID { link = (from, to) }
    }

    private mutating func read(part view: JSONView, named name: String) {
        guard view.kind == .object else { return }
        let own = ["id", "key", "accountId", "updated"].compactMap { view.member(named: $0)?.identifier }
        identity.append(([name] + own).joined(separator: " "))
        // The user is who did it, unless the event is about a user; neither is on an issue.
        guard name == "comment" || name == "worklog" || name == "attachment" else { return }
        issue = issue ?? view["issueId"]?.issueID ?? Self.issue(in: view["self"])
    }

    /// The id in an address such as `…/rest/api/2/issue/10013/comment/10082`.
    private static func issue(in address: JSONView?) -> IssueID? {
        guard let parts = address?.string?.split(separator: "/"), let word = parts.lastIndex(of: "issue"),
            parts.indices.contains(word + 1), let id = Int64(parts[word + 1]), id > 0
        else { return nil }
        return IssueID(id)
    }

    func hint(of body: [UInt8]) -> WebhookHint {
        let event = WebhookEvent(rawValue: event)
        return WebhookHint(
            event: event, at: at, subject: subject(event), project: project, fingerprint: fingerprint(event, body))
    }

    private func subject(_ event: WebhookEvent) -> WebhookHint.Subject {
        switch event.family {
        case .issue: issue.map { .issue($0) } ?? .unlocated
        case .deletedIssue: issue.map { .deletedIssue($0) } ?? .unlocated
        case .link: link.map { .link($0, $1) } ?? issue.map { .issue($0) } ?? .unlocated
        case .catalogue(let kind): .catalogue(kind)
        case .irrelevant: .irrelevant
        // Whatever it is, it happened to this issue.
        case .unknown: issue.map { .issue($0) } ?? .unknown
        }
    }

    private func fingerprint(_ event: WebhookEvent, _ body: [UInt8]) -> [UInt8] {
        // Without a time two events would look like one.
        guard let at else { return Digest.sha256(body) }
        let parts = [event.rawValue, String(at.rawValue), issue?.description ?? ""] + identity
        return Digest.sha256(Array(parts.joined(separator: "\u{1F}").utf8))
    }
}
