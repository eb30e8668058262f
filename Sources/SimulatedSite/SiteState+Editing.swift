public import SimulatedData

/// Changes people make to issues. Each bumps the issue's `updated`, as Jira does, and most leave a line in its history.
extension SiteState {
    /// Who changes something, and when.
    public struct Hand: Sendable {
        /// A position in ``SiteState/users``.
        public var user: Int
        public var now: Milliseconds
        /// False for a change that comes from a directory outside Jira: it takes effect and leaves no audit record.
        public var leavesAuditRecord: Bool
        /// True for one of many changes of a bulk operation, whose webhooks Jira sends late.
        public var isBulk: Bool

        public init(user: Int, now: Milliseconds, leavesAuditRecord: Bool = true, isBulk: Bool = false) {
            self.user = user
            self.now = now
            self.leavesAuditRecord = leavesAuditRecord
            self.isBulk = isBulk
        }
    }

    /// Makes a new issue and returns its ordinal. With a parent it is a sub-task and takes its parent's level.
    @discardableResult
    public mutating func createIssue(
        project: Int, type: Int? = nil, summary: String, description: RichText? = nil, parent: Int? = nil,
        by hand: Hand
    ) -> Int {
        let ordinal = rows.count
        let last = ordinal > 0 ? rows[ordinal - 1].created : hand.now
        let now = max(hand.now, last)
        let types = projects[project].issueTypes
        let subtask = parent.flatMap { _ in types.first { catalogue.issueTypes[$0].isSubtask } }
        let type = type ?? subtask ?? types[1]
        numbers[project].append(Int32(ordinal))
        rows.append(
            IssueRow(
                ordinal: Int32(ordinal), project: Int16(project), number: Int32(numbers[project].count),
                type: UInt8(type), status: UInt8(SiteBuilder.StatusIndex.toDo), priority: 2, resolution: -1,
                assignee: -1, reporter: Int32(hand.user), creator: Int32(hand.user),
                level: parent.map { rows[$0].level } ?? 0, parent: Int32(parent ?? -1),
                created: now, updated: now, resolved: 0, due: 0, state: .live))
        if let parent { children[parent, default: []].append(Int32(ordinal)) }
        if !corpusRows.isEmpty { corpusRows.append(-1) }
        byUpdated.append(Int32(ordinal))
        moveInUpdateOrder(ordinal)
        var content = IssueContent.empty
        content.summary = summary
        content.description = description
        content.watchers = [hand.user]
        content.rank = "0|z\(ordinal):"
        overlay[ordinal] = content
        happen("jira:issue_created", .issue(ordinal), kind: "issue_created", by: hand)
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
        edit(
            ordinal, by: hand, change("status", String(old.id), old.name, String(new.id), new.name), as: "issue_generic"
        ) { _ in }
    }

    public mutating func setAssignee(_ ordinal: Int, to user: Int?, by hand: Hand) {
        keep(ordinal)
        let item = change("assignee", from: Int(rows[ordinal].assignee), to: user)
        rows[ordinal].assignee = Int32(user ?? -1)
        edit(ordinal, by: hand, item, as: "issue_assigned") { _ in }
    }

    public mutating func setReporter(_ ordinal: Int, to user: Int?, by hand: Hand) {
        keep(ordinal)
        let item = change("reporter", from: Int(rows[ordinal].reporter), to: user)
        rows[ordinal].reporter = Int32(user ?? -1)
        edit(ordinal, by: hand, item) { _ in }
    }

    private func change(_ field: String, from old: Int, to new: Int?) -> ChangeItem {
        let isCloud = configuration.flavour.isCloud
        let id = { (user: User) in isCloud ? user.accountID : user.key }
        let (old, new) = (old < 0 ? nil : users[old], new.map { users[$0] })
        return change(field, old.map(id), old?.displayName, new.map(id), new?.displayName)
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
    }

    /// Sets a group field that permission rules may name, such as `customfield_10062`.
    public mutating func setGroupField(_ ordinal: Int, _ field: String, to groups: [Int], by hand: Hand) {
        let isSingle = catalogue.field(field)?.type == "group"
        edit(ordinal, by: hand, change(catalogue.field(field)?.name ?? field, nil, nil, nil, nil)) { content in
            content.traits.groupFields[field] = groups.isEmpty ? nil : groups
            content.customFields.removeAll { $0.id == field }
            if let first = groups.first {
                content.customFields.append((field, isSingle ? .group(first) : .groups(groups)))
            }
        }
    }

    /// Confines an issue of a team-managed project to roles of the project; none lets everybody in again.
    public mutating func setRestriction(_ ordinal: Int, toRoles roles: [Int], by hand: Hand) {
        guard projects[Int(rows[ordinal].project)].style == .teamManaged else { return }
        edit(ordinal, by: hand, change("Restrict to", nil, nil, nil, nil)) { $0.traits.restrictedToRoles = roles }
    }

    /// Adds a comment and returns its id. A comment bumps `updated` but leaves no line in the history.
    @discardableResult
    public mutating func addComment(
        _ ordinal: Int, _ body: RichText, visibility: Visibility? = nil, isInternal: Bool = false, by hand: Hand
    ) -> Int {
        let id = takePartID(ordinal)
        let comment = Comment(
            id: id, author: hand.user, updateAuthor: hand.user, created: hand.now, updated: hand.now, body: body,
            visibility: visibility, isInternal: isInternal)
        edit(ordinal, by: hand, nil, as: nil) { $0.comments.append(comment) }
        happen("created", to: comment, of: ordinal, by: hand)
        return id
    }

    /// Changes a comment's text and visibility; false when there is no such comment.
    @discardableResult
    public mutating func editComment(
        _ id: Int, to body: RichText, visibility: Visibility? = nil, by hand: Hand
    ) -> Bool {
        guard let ordinal = ordinal(ofPart: id),
            var comment = content(of: ordinal).comments.first(where: { $0.id == id })
        else { return false }
        comment.body = body
        comment.visibility = visibility
        comment.updated = hand.now
        comment.updateAuthor = hand.user
        edit(ordinal, by: hand, nil, as: nil) { content in
            content.comments = content.comments.map { $0.id == id ? comment : $0 }
        }
        happen("updated", to: comment, of: ordinal, by: hand)
        return true
    }

    /// Confines a comment to a role or group, or frees it; false when there is no such comment.
    @discardableResult
    public mutating func setVisibility(ofComment id: Int, to visibility: Visibility?, by hand: Hand) -> Bool {
        guard let ordinal = ordinal(ofPart: id),
            let comment = content(of: ordinal).comments.first(where: { $0.id == id })
        else { return false }
        return editComment(id, to: comment.body, visibility: visibility, by: hand)
    }

    /// Confines a worklog to a role or group, or frees it; false when there is no such worklog.
    @discardableResult
    public mutating func setVisibility(ofWorklog id: Int, to visibility: Visibility?, by hand: Hand) -> Bool {
        guard let ordinal = ordinal(ofPart: id),
            let worklog = content(of: ordinal).worklogs.first(where: { $0.id == id })
        else { return false }
        return editWorklog(id, seconds: worklog.seconds, note: worklog.note, visibility: visibility, by: hand)
    }

    /// Changes a worklog; false when there is no such worklog.
    @discardableResult
    public mutating func editWorklog(
        _ id: Int, seconds: Int, note: RichText?, visibility: Visibility?, by hand: Hand
    ) -> Bool {
        guard let ordinal = ordinal(ofPart: id),
            var worklog = content(of: ordinal).worklogs.first(where: { $0.id == id })
        else { return false }
        let more = seconds - worklog.seconds
        worklog.seconds = seconds
        worklog.note = note
        worklog.visibility = visibility
        worklog.updated = hand.now
        edit(ordinal, by: hand, nil, as: "issue_worklog_updated") { content in
            content.worklogs = content.worklogs.map { $0.id == id ? worklog : $0 }
            guard more != 0 else { return }
            content.timeSpent = max((content.timeSpent ?? 0) + more, 0)
            content.aggregateTimeSpent = max((content.aggregateTimeSpent ?? 0) + more, 0)
        }
        happen("worklog_updated", .worklog(worklog, issue: ordinal), by: hand)
        return true
    }

    @discardableResult
    public mutating func deleteComment(_ id: Int, by hand: Hand) -> Bool {
        guard let ordinal = ordinal(ofPart: id),
            let comment = content(of: ordinal).comments.first(where: { $0.id == id })
        else { return false }
        edit(ordinal, by: hand, change("Comment", String(id), nil, nil, nil), as: nil) { content in
            content.comments.removeAll { $0.id == id }
        }
        happen("deleted", to: comment, of: ordinal, by: hand)
        return true
    }

    @discardableResult
    public mutating func addWorklog(
        _ ordinal: Int, seconds: Int, note: RichText? = nil, visibility: Visibility? = nil, by hand: Hand
    ) -> Int {
        let id = takePartID(ordinal)
        let worklog = Worklog(
            id: id, author: hand.user, started: hand.now, created: hand.now, updated: hand.now, seconds: seconds,
            note: note, visibility: visibility)
        edit(ordinal, by: hand, change("timespent", nil, nil, nil, String(seconds)), as: "issue_worklogged") {
            $0.worklogs.append(worklog)
            $0.timeSpent = ($0.timeSpent ?? 0) + seconds
            $0.aggregateTimeSpent = ($0.aggregateTimeSpent ?? 0) + seconds
        }
        happen("worklog_created", .worklog(worklog, issue: ordinal), by: hand)
        return id
    }

    @discardableResult
    public mutating func deleteWorklog(_ id: Int, by hand: Hand) -> Bool {
        guard let ordinal = ordinal(ofPart: id),
            let worklog = content(of: ordinal).worklogs.first(where: { $0.id == id })
        else { return false }
        edit(
            ordinal, by: hand, change("timespent", nil, String(worklog.seconds), nil, nil), as: "issue_worklog_deleted"
        ) { content in
            content.worklogs.removeAll { $0.id == id }
            content.timeSpent = max((content.timeSpent ?? 0) - worklog.seconds, 0)
            content.aggregateTimeSpent = max((content.aggregateTimeSpent ?? 0) - worklog.seconds, 0)
        }
        deletedWorklogs.append(DeletedWorklog(id: id, deleted: hand.now))
        happen("worklog_deleted", .worklog(worklog, issue: ordinal), by: hand)
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
        // The history is for everybody who sees the issue: it does not name what a comment brings along.
        let item = comment == nil ? change("Attachment", nil, nil, String(id), fileName) : nil
        edit(ordinal, by: hand, item) { content in
            content.attachments.append(attachment)
            guard let position = content.comments.firstIndex(where: { $0.id == comment }) else { return }
            content.comments[position].body.blocks.append(
                .media(
                    RichText.Media(
                        mediaID: attachment.mediaID, fileName: fileName,
                        isImage: attachment.mimeType.hasPrefix("image/"))))
        }
        happen("attachment_created", .attachment(attachment, issue: ordinal), by: hand)
        return id
    }

    /// Removes a file; a comment's text goes on naming it. False when there is no such file.
    @discardableResult
    public mutating func deleteAttachment(_ id: Int, by hand: Hand) -> Bool {
        guard let (ordinal, file) = attachment(id: id) else { return false }
        let item = file.comment == nil ? change("Attachment", String(id), file.fileName, nil, nil) : nil
        edit(ordinal, by: hand, item) { content in
            content.attachments.removeAll { $0.id == id }
        }
        happen("attachment_deleted", .attachment(file, issue: ordinal), by: hand)
        return true
    }

    // MARK: How

    package mutating func takePartID(_ ordinal: Int) -> Int {
        nextPartID += 1
        addedParts[nextPartID] = ordinal
        return nextPartID
    }

    package func change(
        _ field: String, _ from: String?, _ fromString: String?, _ to: String?, _ toString: String?
    ) -> ChangeItem {
        ChangeItem(
            field: field, fieldID: field, fieldType: "jira", from: from, fromString: fromString, to: to,
            toString: toString)
    }

    /// Keeps an issue's content as it is now: it follows from the row, which is about to change.
    package mutating func keep(_ ordinal: Int) {
        if overlay[ordinal] == nil { overlay[ordinal] = ContentMaker(self, ordinal).make() }
    }

    /// Changes an issue: `kind` is what its event says happened, nil for no event.
    package mutating func edit(
        _ ordinal: Int, by hand: Hand, _ item: ChangeItem?, as kind: String? = "issue_updated",
        _ body: (inout IssueContent) -> Void
    ) {
        var group: ChangeGroup?
        var known = overlay.removeValue(forKey: ordinal) ?? ContentMaker(self, ordinal).make()
        body(&known)
        if let item {
            let id = takePartID(ordinal)
            let made = ChangeGroup(id: id, author: hand.user, created: hand.now, items: [item])
            known.changes.append(made)
            group = made
        }
        overlay[ordinal] = known
        rows[ordinal].updated = max(hand.now, rows[ordinal].updated)
        moveInUpdateOrder(ordinal)
        if let kind { happen("jira:issue_updated", .issue(ordinal), kind: kind, change: group, by: hand) }
    }
}
