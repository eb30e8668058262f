public import SimulatedData

extension SiteState {
    /// Everything of one issue, made from the seed unless somebody changed it.
    public func content(of ordinal: Int) -> IssueContent {
        guard var known = overlay[ordinal] else { return ContentMaker(self, ordinal).make() }
        // What hangs below an issue may have changed without the issue.
        known.subtasks = subtasks(of: ordinal)
        return known
    }

    /// The summary alone.
    public func summary(of ordinal: Int) -> String {
        if let known = overlay[ordinal] { return known.summary }
        return ContentMaker(self, ordinal).summary
    }

    /// How texts name a person.
    public func mention(_ user: Int) -> RichText.Mention {
        let person = originalUsers[user]
        let isCloud = configuration.flavour.isCloud
        return RichText.Mention(
            id: isCloud ? person.accountID : person.key, displayName: person.displayName,
            wikiName: isCloud ? "accountid:\(person.accountID)" : person.name)
    }

    /// The corpus row an issue's text came from.
    public func corpusIssue(of ordinal: Int) -> CorpusIssue? {
        guard let corpus = configuration.corpus, ordinal < corpusRows.count, corpusRows[ordinal] >= 0 else {
            return nil
        }
        return corpus[Int(corpusRows[ordinal])]
    }

    /// Where each corpus row is: its reference (`FLUID-12`, `id:13430997`) to the key of the first issue made of it.
    public func corpusKeys() -> [String: String] {
        var keys: [String: String] = [:]
        for ordinal in 0..<rows.count where rows[ordinal].state == .live && ordinal % 10 != 9 {
            if let issue = corpusIssue(of: ordinal), keys[issue.reference] == nil {
                keys[issue.reference] = key(of: ordinal)
            }
        }
        return keys
    }
}

/// Makes one issue's content from the seed.
struct ContentMaker {
    let state: SiteState
    let ordinal: Int
    let row: IssueRow
    let project: Project
    /// How much text to make, where 1 gives an issue of about 10,000 bytes; 4,500 go to its fields whatever it says.
    let scale: Double

    init(_ state: SiteState, _ ordinal: Int) {
        self.state = state
        self.ordinal = ordinal
        row = state.rows[ordinal]
        project = state.originalProjects[Int(row.project)]
        scale = max(0.3, Double(state.configuration.averageIssueBytes - 4_500) / 5_500)
    }

    var isBug: Bool {
        row.type == UInt8(SiteBuilder.TypeIndex.bug) || row.type == UInt8(SiteBuilder.TypeIndex.incident)
    }

    var summary: String {
        if let issue = state.corpusIssue(of: ordinal) { return issue.summary }
        var prose = Prose(state.random(Stream.text, ordinal))
        return prose.summary(isBug: isBug)
    }

    func make() -> IssueContent {
        let traits = state.traits(of: ordinal)
        let time = state.timeTracking(of: ordinal)
        var attachments = attachments()
        let comments = comments(showing: &attachments)
        let texts = texts(showing: attachments.first { $0.comment == nil })
        var random = state.random(Stream.people &+ 1, ordinal)
        let watchers = Set((0..<random.skewed(6)).map { _ in random.below(state.users.count) } + [Int(row.reporter)])
        var content = IssueContent(
            traits: traits, summary: texts.summary, description: texts.description, environment: texts.environment,
            customFields: [], comments: comments, worklogs: worklogs(), attachments: attachments, changes: [],
            links: state.links[ordinal] ?? [], subtasks: state.subtasks(of: ordinal), votes: random.skewed(12),
            watchers: watchers.sorted(),
            rank: rank, originalEstimate: time.original, remainingEstimate: time.remaining, timeSpent: time.spent)
        content.customFields = customFields(traits)
        if state.configuration.features.changelogs { content.changes = changes(traits) }
        aggregate(&content)
        return content
    }

    private func aggregate(_ content: inout IssueContent) {
        var original = content.originalEstimate
        var remaining = content.remainingEstimate
        var spent = content.timeSpent
        for subtask in content.subtasks {
            let time = state.timeTracking(of: subtask)
            if let more = time.original { original = (original ?? 0) + more }
            if let more = time.remaining { remaining = (remaining ?? 0) + more }
            if let more = time.spent { spent = (spent ?? 0) + more }
        }
        content.aggregateOriginalEstimate = original
        content.aggregateRemainingEstimate = remaining
        content.aggregateTimeSpent = spent
    }

    /// Jira's LexoRank: a bucket, then letters that sort.
    private var rank: String {
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
        var value = ordinal
        var text = [UInt8](repeating: UInt8(ascii: "0"), count: 6)
        for position in stride(from: 5, through: 0, by: -1) {
            text[position] = digits[value % 36]
            value /= 36
        }
        return "0|i" + String(decoding: text, as: UTF8.self) + ":"
    }

    /// A moment after creation and not after the last update.
    func moment(_ fraction: Double) -> Milliseconds {
        row.created + Milliseconds(Double(row.updated - row.created) * fraction)
    }
}
