public import SimulatedData

/// Changes people make to issues. Each bumps the issue's `updated`, as Jira does, and most leave a line in its history.
extension SiteState {
    /// Who changes something, and when.
    public struct Hand: Sendable {
        /// A position in ``SiteState/users``.
        public var user: Int
        public var now: Milliseconds

        public init(user: Int, now: Milliseconds) {
            self.user = user
            self.now = now
        }
    }

    /// Makes a new issue and returns its ordinal.
    @discardableResult
    public mutating func createIssue(
        project: Int, type: Int? = nil, summary: String, description: RichText? = nil, by hand: Hand
    ) -> Int {
        let ordinal = rows.count
        let last = ordinal > 0 ? rows[ordinal - 1].created : hand.now
        let now = max(hand.now, last)
        let type = type ?? projects[project].issueTypes[1]
        numbers[project].append(Int32(ordinal))
        rows.append(
            IssueRow(
                ordinal: Int32(ordinal), project: Int16(project), number: Int32(numbers[project].count),
                type: UInt8(type), status: UInt8(SiteBuilder.StatusIndex.toDo), priority: 2, resolution: -1,
                assignee: -1, reporter: Int32(hand.user), creator: Int32(hand.user), level: 0, parent: -1,
                created: now, updated: now, resolved: 0, due: 0, state: .live))
        if !corpusRows.isEmpty { corpusRows.append(-1) }
        byUpdated.append(Int32(ordinal))
        moveInUpdateOrder(ordinal)
        let traits = IssueTraits(
            labels: [], components: [], fixVersions: [], affectedVersions: [], sprints: [], userFields: [:],
            groupFields: [:], restrictedToRoles: [])
        overlay[ordinal] = IssueContent(
            traits: traits, summary: summary, description: description, environment: nil, customFields: [],
            comments: [],
            worklogs: [], attachments: [], changes: [], links: [], subtasks: [], votes: 0, watchers: [hand.user],
            rank: "0|z\(ordinal):", originalEstimate: nil, remainingEstimate: nil, timeSpent: nil)
        return ordinal
    }

    public mutating func setSummary(_ ordinal: Int, to summary: String, by hand: Hand) {
        let before = self.summary(of: ordinal)
        edit(ordinal, by: hand, change("summary", nil, before, nil, summary)) { $0.summary = summary }
    }

    public mutating func setDescription(_ ordinal: Int, to text: RichText?, by hand: Hand) {
        let before = content(of: ordinal).description?.wikiMarkup
        edit(ordinal, by: hand, change("description", nil, before, nil, text?.wikiMarkup)) { $0.description = text }
    }

    /// - Parameter status: A position in ``SiteCatalogue/statuses``. Entering a done status resolves the issue.
    public mutating func setStatus(_ ordinal: Int, to status: Int, by hand: Hand) {
        keep(ordinal)
        let old = catalogue.statuses[Int(rows[ordinal].status)]
        let new = catalogue.statuses[status]
        let isDone = catalogue.statusCategories[new.category].key == "done"
        rows[ordinal].status = UInt8(status)
        rows[ordinal].resolution = isDone ? 0 : -1
        rows[ordinal].resolved = isDone ? hand.now : 0
        edit(ordinal, by: hand, change("status", String(old.id), old.name, String(new.id), new.name)) { _ in }
    }

    public mutating func setAssignee(_ ordinal: Int, to user: Int?, by hand: Hand) {
        keep(ordinal)
        let old = rows[ordinal].assignee < 0 ? nil : users[Int(rows[ordinal].assignee)]
        let new = user.map { users[$0] }
        let isCloud = configuration.flavour.isCloud
        let id = { (user: User) in isCloud ? user.accountID : user.key }
        let item = change("assignee", old.map(id), old?.displayName, new.map(id), new?.displayName)
        rows[ordinal].assignee = Int32(user ?? -1)
        edit(ordinal, by: hand, item) { _ in }
        accessVersion += 1
    }

    /// - Parameter level: The id of a security level; nil for none. Sub-tasks take their parent's level.
    public mutating func setLevel(_ ordinal: Int, to level: Int?, by hand: Hand) {
        let old = securityLevel(id: Int(rows[ordinal].level))
        let new = level.flatMap { securityLevel(id: $0) }
        let subtasks = subtasks(of: ordinal)
        for member in [ordinal] + subtasks {
            rows[member].level = Int32(level ?? 0)
            edit(
                member, by: hand,
                change("security", old.map { String($0.id) }, old?.name, new.map { String($0.id) }, new?.name)
            ) {
                _ in
            }
        }
        accessVersion += 1
    }

    public mutating func setLabels(_ ordinal: Int, to labels: [String], by hand: Hand) {
        let before = traits(of: ordinal).labels.joined(separator: " ")
        edit(ordinal, by: hand, change("labels", nil, before, nil, labels.joined(separator: " "))) {
            $0.traits.labels = labels
        }
    }

    /// Sets a user field that permission rules may name, such as `customfield_10060`.
    public mutating func setUserField(_ ordinal: Int, _ field: String, to users: [Int], by hand: Hand) {
        let isSingle = catalogue.field(field)?.type == "user"
        edit(ordinal, by: hand, change(catalogue.field(field)?.name ?? field, nil, nil, nil, nil)) { content in
            content.traits.userFields[field] = users.isEmpty ? nil : users
            content.customFields.removeAll { $0.id == field }
            if let first = users.first { content.customFields.append((field, isSingle ? .user(first) : .users(users))) }
        }
        accessVersion += 1
    }

    /// Adds a comment and returns its id. A comment bumps `updated` but leaves no line in the history.
    @discardableResult
    public mutating func addComment(
        _ ordinal: Int, _ body: RichText, visibility: Visibility? = nil, isInternal: Bool = false, by hand: Hand
    ) -> Int {
        let id = takePartID(ordinal)
        edit(ordinal, by: hand, nil) {
            $0.comments.append(
                Comment(
                    id: id, author: hand.user, updateAuthor: hand.user, created: hand.now, updated: hand.now,
                    body: body,
                    visibility: visibility, isInternal: isInternal))
        }
        return id
    }

    /// Changes a comment's text and visibility; false when there is no such comment.
    @discardableResult
    public mutating func editComment(
        _ id: Int, to body: RichText, visibility: Visibility? = nil, by hand: Hand
    ) -> Bool {
        guard let ordinal = ordinal(ofPart: id),
            let position = content(of: ordinal).comments.firstIndex(where: { $0.id == id })
        else { return false }
        edit(ordinal, by: hand, nil) {
            $0.comments[position].body = body
            $0.comments[position].visibility = visibility
            $0.comments[position].updated = hand.now
            $0.comments[position].updateAuthor = hand.user
        }
        return true
    }

    @discardableResult
    public mutating func deleteComment(_ id: Int, by hand: Hand) -> Bool {
        guard let ordinal = ordinal(ofPart: id), content(of: ordinal).comments.contains(where: { $0.id == id }) else {
            return false
        }
        edit(ordinal, by: hand, change("Comment", String(id), nil, nil, nil)) { content in
            content.comments.removeAll { $0.id == id }
        }
        return true
    }

    @discardableResult
    public mutating func addWorklog(
        _ ordinal: Int, seconds: Int, note: RichText? = nil, visibility: Visibility? = nil, by hand: Hand
    ) -> Int {
        let id = takePartID(ordinal)
        edit(ordinal, by: hand, change("timespent", nil, nil, nil, String(seconds))) {
            $0.worklogs.append(
                Worklog(
                    id: id, author: hand.user, started: hand.now, created: hand.now, updated: hand.now,
                    seconds: seconds,
                    note: note, visibility: visibility))
            $0.timeSpent = ($0.timeSpent ?? 0) + seconds
            $0.aggregateTimeSpent = ($0.aggregateTimeSpent ?? 0) + seconds
        }
        return id
    }

    @discardableResult
    public mutating func deleteWorklog(_ id: Int, by hand: Hand) -> Bool {
        guard let ordinal = ordinal(ofPart: id),
            let worklog = content(of: ordinal).worklogs.first(where: { $0.id == id })
        else { return false }
        edit(ordinal, by: hand, change("timespent", nil, String(worklog.seconds), nil, nil)) { content in
            content.worklogs.removeAll { $0.id == id }
            content.timeSpent = max((content.timeSpent ?? 0) - worklog.seconds, 0)
            content.aggregateTimeSpent = max((content.aggregateTimeSpent ?? 0) - worklog.seconds, 0)
        }
        deletedWorklogs.append(DeletedWorklog(id: id, deleted: hand.now))
        return true
    }

    /// Adds a file and returns its id; with `comment` it belongs to that comment and shares its restriction on Cloud.
    @discardableResult
    public mutating func addAttachment(
        _ ordinal: Int, fileName: String, file: SimulatedFile, comment: Int? = nil, by hand: Hand
    ) -> Int {
        let id = takePartID(ordinal)
        var random = SeededRandom(seed: configuration.seed, stream: Stream.attachments, item: id)
        let attachment = Attachment(
            id: id, mediaID: random.identifier(), fileName: fileName, mimeType: file.kind.mimeType, size: file.size,
            author: hand.user, created: hand.now, comment: comment, file: file)
        edit(ordinal, by: hand, change("Attachment", nil, nil, String(id), fileName)) { content in
            content.attachments.append(attachment)
            guard let position = content.comments.firstIndex(where: { $0.id == comment }) else { return }
            content.comments[position].body.blocks.append(
                .media(
                    RichText.Media(
                        mediaID: attachment.mediaID, fileName: fileName,
                        isImage: attachment.mimeType.hasPrefix("image/"))))
        }
        return id
    }

    // MARK: How

    mutating func takePartID(_ ordinal: Int) -> Int {
        nextPartID += 1
        addedParts[nextPartID] = ordinal
        return nextPartID
    }

    func change(
        _ field: String, _ from: String?, _ fromString: String?, _ to: String?, _ toString: String?
    ) -> ChangeItem {
        ChangeItem(
            field: field, fieldID: field, fieldType: "jira", from: from, fromString: fromString, to: to,
            toString: toString)
    }

    /// Keeps an issue's content as it is now: it follows from the row, which is about to change.
    private mutating func keep(_ ordinal: Int) {
        if overlay[ordinal] == nil { overlay[ordinal] = ContentMaker(self, ordinal).make() }
    }

    mutating func edit(_ ordinal: Int, by hand: Hand, _ item: ChangeItem?, _ body: (inout IssueContent) -> Void) {
        var known = overlay.removeValue(forKey: ordinal) ?? ContentMaker(self, ordinal).make()
        body(&known)
        if let item {
            let id = takePartID(ordinal)
            known.changes.append(ChangeGroup(id: id, author: hand.user, created: hand.now, items: [item]))
        }
        overlay[ordinal] = known
        rows[ordinal].updated = max(hand.now, rows[ordinal].updated)
        moveInUpdateOrder(ordinal)
    }
}
