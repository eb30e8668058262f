import SimulatedData

/// People and issues that every site has, for demonstrations and tests: one word that three people find differently often.
public struct Tour: Sendable {
    /// The word to search for.
    public let word = "settlement"
    /// Sees everything.
    public let administrator: User
    /// Sees the payments project, but neither its incident level nor comments for administrators.
    public let developer: User
    /// The issue to show: ordinary text, a comment for one role only, an attachment in it.
    public let issueKey: String
    /// An issue the developer is kept from by a security level.
    public let levelIssueKey: String
    public let levelName: String
    /// An issue that has the word only in a comment for one role.
    public let commentIssueKey: String
    public let roleName: String
    /// A project that anybody may read.
    public let publicProjectKey: String
    /// How many of the tour's own issues hold the word for each of the three.
    public let counts: (administrator: Int, developer: Int, anonymous: Int)

    /// How many issues the tour sets aside.
    static let issueCount = 12

    /// The project of a tour issue: payments, or the public one.
    static func project(of ordinal: Int) -> Int? {
        ordinal < issueCount ? ((6...8).contains(ordinal) ? 1 : 0) : nil
    }

    init(_ state: SiteState) {
        administrator = state.users[WellKnown.admin]
        developer = state.users[WellKnown.developer]
        issueKey = state.key(of: 0)
        levelIssueKey = state.key(of: 1)
        commentIssueKey = state.key(of: 2)
        publicProjectKey = state.projects[1].key
        levelName = state.securityLevel(id: WellKnown.Level.incident)?.name ?? ""
        roleName = state.role(id: WellKnown.Role.administrators)?.name ?? ""
        let features = state.configuration.features
        let hidden = (features.securityLevels ? 1 : 0) + (features.restrictedComments ? 1 : 0)
        counts = (7, 7 - hidden, 2)
    }

    private struct Story {
        var ordinal: Int
        var summary: String
        var text: String
        var comments: [(text: String, isRestricted: Bool)] = []
        var level: Int32 = 0
    }

    private static let stories: [Story] = [
        Story(
            ordinal: 0, summary: "Settlement file is rejected when a refund spans two days",
            text:
                "The bank answers E4017 for every settlement file that holds a refund booked before midnight and captured after it.",
            comments: [
                (
                    "I can reproduce this with yesterday's file. RefundMapper.java:212 takes the booking day, not the capture day.",
                    false
                ),
                (
                    "Not for customers: the settlement of 3 March was paid twice, finance is claiming 48,210 EUR back.",
                    true
                ),
                ("Fixed in 7.3.1, the mapper now takes the capture day.", false),
            ]),
        Story(
            ordinal: 1, summary: "Settlement signing key was written to a debug log",
            text:
                "The key that signs settlement files was in /var/log/pay/debug.log on host pay-7 between 09:12 and 11:40. Rotate it and tell the bank.",
            comments: [("Key rotated, the bank has confirmed.", false)], level: Int32(WellKnown.Level.incident)),
        Story(
            ordinal: 2, summary: "Checkout shows the wrong currency after a retry",
            text: "After a timeout the retry takes the currency of the shop, not the one of the basket.",
            comments: [
                ("Happens only with Safari.", false),
                ("Legal asks us to hold the settlement for these orders until the prices are corrected.", true),
            ]),
        Story(
            ordinal: 3, summary: "Reconcile settlement totals with the ledger every night",
            text:
                "A nightly job compares the settlement totals of each acquirer with the ledger and opens an issue when they differ."
        ),
        Story(
            ordinal: 4, summary: "Settlement report for staff lists closed merchants",
            text: "Closed merchants must not appear in the settlement report.", level: Int32(WellKnown.Level.staff)),
        Story(
            ordinal: 5, summary: "Refund button is hidden on small screens",
            text: "Below 360 pixels the button is pushed out of the card."),
        Story(
            ordinal: 6, summary: "Document the settlement webhook",
            text: "Explain when settlement.created is sent, what it holds and how to verify its signature."),
        Story(
            ordinal: 7, summary: "Example client for settlement reports",
            text: "A small program that downloads yesterday's settlement report and prints the totals."),
        Story(
            ordinal: 8, summary: "Publish the API's rate limits",
            text: "People ask for the number of requests they may send in a minute."),
    ]

    /// Gives the tour's issues their fixed texts.
    static func prepare(_ state: inout SiteState) {
        for story in stories { tell(story, in: &state) }
        for ordinal in stories.count..<issueCount where state.rows[ordinal].level != 0 {
            state.rows[ordinal].level = 0
        }
    }

    private static func tell(_ story: Story, in state: inout SiteState) {
        let features = state.configuration.features
        var row = state.rows[story.ordinal]
        row.level = features.securityLevels && state.projects[Int(row.project)].securityScheme == 0 ? story.level : 0
        row.reporter = Int32(WellKnown.financeLead)
        row.creator = row.reporter
        row.assignee = Int32(WellKnown.securityOfficer)
        row.updated = max(row.updated, row.created + 86_400_000)
        state.rows[story.ordinal] = row
        state.moveInUpdateOrder(story.ordinal)
        var content = ContentMaker(state, story.ordinal).make()
        content.summary = story.summary
        content.description = RichText(paragraph: story.text)
        content.environment = nil
        content.attachments = []
        content.comments = story.comments.enumerated().map { position, comment in
            let isRestricted = comment.isRestricted && features.restrictedComments
            let time = row.created + Milliseconds(position + 1) * 3_600_000
            return Comment(
                id: PartID.make(story.ordinal, position), author: WellKnown.financeLead,
                updateAuthor: WellKnown.financeLead, created: time, updated: time,
                body: RichText(paragraph: comment.text),
                visibility: isRestricted ? .role(WellKnown.Role.administrators) : nil, isInternal: false)
        }
        if story.ordinal == 0 && features.attachments { attach(to: &content, of: story.ordinal, at: row.created) }
        state.overlay[story.ordinal] = content
    }

    /// An open file, and one that only the restricted comment shows.
    private static func attach(to content: inout IssueContent, of ordinal: Int, at created: Milliseconds) {
        let files: [(String, SimulatedFile.Kind)] = [("rejected-file.txt", .text), ("claim-letter.pdf", .pdf)]
        for (position, (name, kind)) in files.enumerated() {
            let file = SimulatedFile(kind: kind, number: position)
            var random = SeededRandom(seed: UInt64(position), stream: Stream.attachments, item: ordinal)
            content.attachments.append(
                Attachment(
                    id: PartID.make(ordinal, 300 + position), mediaID: random.identifier(), fileName: name,
                    mimeType: kind.mimeType, size: file.size, author: WellKnown.financeLead,
                    created: created + 3_600_000,
                    comment: position == 1 ? content.comments[1].id : nil, file: file))
        }
        let shown = content.attachments[1]
        content.comments[1].body.blocks.append(
            .media(RichText.Media(mediaID: shown.mediaID, fileName: shown.fileName, isImage: false)))
    }
}
