import AccessControl
import AtlassianDocument
import IssueDecoding
import IssueModel
import JiraClient
import SearchIndex
import Store

/// An issue ready to be stored: everything that needs no database is done.
struct PreparedIssue: Sendable {
    var issue: Issue
    var raw: PackedRaw
    var words: IssueWords
    /// Parts it is stored without.
    var damaged: [DamagedPart] = []
}

/// Who may see each part of an issue, and what words it is found by.
struct IssueWords: Sendable {
    var keys: Keys
    var text: SearchText
    /// The acl keys that restrictions of passages point to, by position.
    var restrictions: [AclKey]

    /// How the acls of the issue and its parts are derived; the lists run beside those of the issue.
    struct Keys: Sendable {
        var issue: AclKey
        var comments: [AclKey]
        var worklogs: [AclKey]
        var attachments: [AclKey]

        func acls(_ intern: (AclKey) throws -> Int64) rethrows -> IssueRecords.Acls {
            IssueRecords.Acls(
                issue: try intern(issue), comments: try comments.map(intern), worklogs: try worklogs.map(intern),
                attachments: try attachments.map(intern))
        }
    }

    /// - Parameter attachmentTexts: What was extracted from attachments, by Jira's id.
    init(_ issue: Issue, rules: AudienceRules, attachmentTexts: [String: String] = [:]) throws {
        let audience = rules.audience(of: issue)
        var passages = Passages(issueKey: audience.key)
        passages.add(.summary, issue.summary)
        if let description = issue.description { passages.add(.description, description.plainText()) }
        if let environment = issue.environment { passages.add(.environment, environment.plainText()) }
        passages.add(.field, IssueText.fields(of: issue))
        let comments = issue.comments.map { comment in
            let key = audience.key(of: comment)
            passages.add(.comment, comment.body.plainText(), id: comment.id.rawValue, key: key)
            return key
        }
        let worklogs = issue.worklogs.map { worklog in
            let key = audience.key(of: worklog)
            if let note = worklog.note { passages.add(.worklog, note.plainText(), id: worklog.id.rawValue, key: key) }
            return key
        }
        let attachments = issue.attachments.map { attachment in
            let (key, id) = (audience.key(of: attachment), attachment.id.rawValue)
            let text = attachmentTexts[id].map { attachment.filename + "\n" + $0 } ?? attachment.filename
            passages.add(.attachment, text, id: id, key: key)
            return key
        }
        keys = Keys(issue: audience.key, comments: comments, worklogs: worklogs, attachments: attachments)
        text = try SearchText(passages.all)
        restrictions = passages.restrictions
    }
}

/// Issues prepared together.
struct PreparedUnit: Sendable {
    var issues: [PreparedIssue] = []
    var quarantined: [QuarantinedIssue] = []
    /// Asked for by id and not shown to the account.
    var missing: [IssueID] = []
    /// Shown to the account, and yet not returned: to be asked for again.
    var late: [IssueID] = []
    /// Read by their ids, and outside the source's scope.
    var outside: [IssueID] = []
    /// Read by their ids, in a project that is put away.
    var archived: [IssueID] = []
    /// Read again and found as stored.
    var unchanged: [IssueID] = []
    var newest: Timestamp?
    /// Written even where nothing seems to have changed.
    var forced: Set<IssueID> = []
    /// Whether its issues were asked for by their ids alone.
    var isNamed = false
    /// Before they were asked for, by our clock.
    var readAt = Timestamp(milliseconds: 0)
    /// Copies to train a dictionary from, while there is none.
    var samples: [RawParts] = []
    var read: Int { issues.count + quarantined.count + unchanged.count }
}

/// Prepares issues: who may see each part, its words, and its copy packed.
struct IssuePreparation: Sendable {
    let rules: AudienceRules
    let packer: RawPacker

    func prepare(_ fetched: FetchedIssue) throws -> PreparedIssue {
        PreparedIssue(
            issue: fetched.issue, raw: try packer.pack(RawParts(fetched.raw)),
            words: try IssueWords(fetched.issue, rules: rules), damaged: fetched.damaged)
    }
}

/// Collects an issue's passages, with the acl keys of those that not everybody who sees the issue may read.
struct Passages {
    let issueKey: AclKey
    private(set) var all: [SearchPassage] = []
    private(set) var restrictions: [AclKey] = []

    init(issueKey: AclKey) {
        self.issueKey = issueKey
    }

    mutating func add(_ kind: SearchPassage.Kind, _ text: String, id: String? = nil, key: AclKey? = nil) {
        guard !text.isEmpty else { return }
        var restriction: Int?
        if let key, key != issueKey {
            restriction = restrictions.firstIndex(of: key)
            if restriction == nil {
                restriction = restrictions.count
                restrictions.append(key)
            }
        }
        all.append(SearchPassage(kind, id: id, text: text, restriction: restriction))
    }
}

extension RawParts {
    /// A copy in the parts that ``JiraClient/RawIssue`` has.
    init(_ raw: RawIssue) {
        self.init(raw.parts.map { Part(name: $0.name, bytes: $0.bytes) })
    }
}
