import SimulatedData

extension ContentMaker {
    func texts(showing attachment: Attachment?) -> (summary: String, description: RichText?, environment: RichText?) {
        var prose = Prose(state.random(Stream.text, ordinal))
        let made = prose.summary(isBug: isBug)
        let shown = prose.random.chance(0.5) ? attachment : nil
        if let issue = state.corpusIssue(of: ordinal) {
            var text = issue.description.isEmpty ? nil : RichText(markup: issue.description, format: issue.format)
            if let shown { text = RichText((text?.blocks ?? []) + [.media(media(of: shown))]) }
            return (issue.summary, text, nil)
        }
        guard prose.random.chance(0.93) else { return (made, nil, nil) }
        var blocks: [RichText.Block] = [.paragraph(opening(&prose))]
        let sections = 1 + Int(scale * Double(1 + prose.random.skewed(5)))
        for _ in 0..<sections { appendSection(to: &blocks, &prose) }
        if let shown { blocks.append(.media(media(of: shown))) }
        let environment =
            isBug && prose.random.chance(0.4)
            ? RichText(paragraph: prose.paragraph(sentences: 1)) : nil
        return (made, RichText(blocks), environment)
    }

    private func opening(_ prose: inout Prose) -> [RichText.Inline] {
        var inlines: [RichText.Inline] = [.text(prose.paragraph(sentences: 2))]
        let draw = prose.random.below(10)
        if draw == 0 {
            inlines += [.text(" cc "), .mention(state.mention(prose.random.below(state.users.count)))]
        } else if draw == 1 {
            inlines += [.text(" "), .strong(prose.paragraph(sentences: 1))]
        } else if draw == 2 {
            inlines += [.lineBreak, .text("Component "), .monospace(prose.codename())]
        }
        return inlines
    }

    private func appendSection(to blocks: inout [RichText.Block], _ prose: inout Prose) {
        switch prose.random.below(14) {
        case 0:
            blocks.append(.heading(2, [.text("Steps to reproduce")]))
            blocks.append(.numbered((0..<3).map { _ in [.paragraph([.text(prose.step())])] }))
        case 1:
            blocks.append(.code(language: "java", prose.stackTrace()))
        case 2:
            blocks.append(
                .panel(
                    prose.random.pick(RichText.PanelKind.allCases), [.paragraph([.text(prose.paragraph(sentences: 1))])]
                ))
        case 3:
            let rows = (0..<3).map { _ in
                [
                    [RichText.Inline.text(prose.codename())], [.text("\(prose.random.below(900)) ms")],
                    [.text(prose.phrase())],
                ]
            }
            blocks.append(.table(header: ["Service", "Latency", "Note"], rows: rows))
        case 4:
            let inner: [[RichText.Block]] = [
                [.paragraph([.text(prose.phrase())])], [.paragraph([.text(prose.phrase())])],
            ]
            blocks.append(
                .bullets([
                    [.paragraph([.text(prose.step())])],
                    [.paragraph([.text(prose.step())]), .bullets(inner)],
                ]))
        case 5:
            blocks.append(.quote([.paragraph([.text(prose.remark(sentences: 2))])]))
        case 6:
            blocks.append(
                .paragraph([
                    .text(prose.paragraph(sentences: 1) + " See "),
                    .link("the runbook", url: "https://wiki.acme.example/runbooks/\(prose.random.below(400))"),
                    .text("."),
                ]))
        case 7:
            blocks.append(
                .paragraph([
                    .text("Related: "), .card(url: "https://acme.example/browse/PAY-\(1 + prose.random.below(40))"),
                ]))
        case 8:
            blocks.append(
                .expand(
                    title: "Log excerpt",
                    [
                        .code(language: nil, (0..<4).map { _ in prose.logLine() }.joined(separator: "\n"))
                    ]))
        default:
            blocks.append(.paragraph([.text(prose.paragraph(sentences: 3))]))
        }
    }

    func media(of attachment: Attachment) -> RichText.Media {
        RichText.Media(
            mediaID: attachment.mediaID, fileName: attachment.fileName,
            isImage: attachment.mimeType.hasPrefix("image/"))
    }

    func attachments() -> [Attachment] {
        guard state.configuration.features.attachments else { return [] }
        var random = state.random(Stream.attachments, ordinal)
        guard random.chance(0.14) else { return [] }
        return (0..<(1 + random.skewed(4))).map { position in
            let file = SimulatedFile(kind: random.pick(SimulatedFile.Kind.allCases), number: random.below(1_000))
            let name = "\(random.pick(Self.fileNames))-\(random.below(900)).\(file.kind.fileExtension)"
            return Attachment(
                id: PartID.make(ordinal, 300 + position), mediaID: random.identifier(), fileName: name,
                mimeType: file.kind.mimeType, size: file.size, author: Int(row.reporter),
                created: moment(random.fraction() * 0.5), comment: nil, file: file)
        }
    }

    private static let fileNames = [
        "screenshot", "server", "report", "design", "trace", "export", "meeting notes", "Übersicht", "config",
        "metrics",
    ]

    /// Comments in order of time. The last attachment is shown by the first restricted comment, when there is one.
    func comments(showing attachments: inout [Attachment]) -> [Comment] {
        var prose = Prose(state.random(Stream.comments, ordinal))
        let wanted = prose.random.chance(0.72) ? Double(1 + prose.random.skewed(7)) * min(scale, 10) : 0
        var count = min(Int(wanted + prose.random.fraction()), 60)
        // Some issues have more comments than any page shows.
        if ordinal % 1_000 == 500 { count = prose.random.within(60...130) }
        let corpus = state.corpusIssue(of: ordinal)?.comments ?? []
        if !corpus.isEmpty { count = min(corpus.count, 40) }
        guard row.updated > row.created else { return [] }
        var comments: [Comment] = []
        for position in 0..<count {
            let time = moment(Double(position + 1) / Double(count + 1))
            let author =
                prose.random.chance(0.3)
                ? Int(row.reporter) : WellKnown.count + prose.random.skewed(state.users.count - WellKnown.count)
            var body =
                position < corpus.count
                ? RichText(markup: corpus[position], format: .markdown) : remark(&prose)
            let visibility = visibility(&prose.random)
            let id = PartID.make(ordinal, position)
            if visibility != nil, let last = attachments.indices.last, attachments[last].comment == nil {
                body.blocks.append(.media(media(of: attachments[last])))
                attachments[last].comment = id
            }
            let isInternal = project.kind == .serviceDesk && prose.random.chance(0.35)
            comments.append(
                Comment(
                    id: id, author: author, updateAuthor: author, created: time,
                    updated: prose.random.chance(0.1) ? min(time + 600_000, row.updated) : time, body: body,
                    visibility: visibility, isInternal: isInternal))
        }
        return comments
    }

    private func remark(_ prose: inout Prose) -> RichText {
        let sentences = 1 + Int(Double(prose.random.skewed(5)) * scale)
        var inlines: [RichText.Inline] = [.text(prose.remark(sentences: sentences))]
        if prose.random.chance(0.12) {
            inlines.insert(
                contentsOf: [.mention(state.mention(prose.random.below(state.users.count))), .text(" ")], at: 0)
        }
        var blocks: [RichText.Block] = [.paragraph(inlines)]
        if prose.random.chance(0.05) { blocks.append(.code(language: "java", prose.stackTrace())) }
        return RichText(blocks)
    }

    /// A tenth of comments and worklogs is for a role or a group only.
    private func visibility(_ random: inout SeededRandom) -> Visibility? {
        let draw = random.below(100)
        guard draw < 10, state.configuration.features.restrictedComments else { return nil }
        if draw < 3 {
            return .group(
                [
                    WellKnown.administrators, WellKnown.Team.finance, WellKnown.Team.responders,
                    WellKnown.Team.leadership,
                ][random.below(4)])
        }
        if project.style == .teamManaged {
            return .role(WellKnown.Role.teamAdministrator(project.index) + random.below(2))
        }
        return .role(
            [
                WellKnown.Role.developers, WellKnown.Role.administrators, WellKnown.Role.reviewers,
            ][random.below(3)])
    }

    func worklogs() -> [Worklog] {
        let seconds = state.worklogSeconds(of: ordinal)
        guard !seconds.isEmpty else { return [] }
        var prose = Prose(state.random(Stream.worklogNotes, ordinal))
        return seconds.enumerated().map { position, length in
            let time = moment(Double(position + 1) / Double(seconds.count + 1))
            return Worklog(
                id: PartID.make(ordinal, 200 + position),
                author: prose.random.chance(0.5) && row.assignee >= 0 ? Int(row.assignee) : WellKnown.developer,
                started: time - Milliseconds(length) * 1_000, created: time, updated: time, seconds: length,
                note: prose.random.chance(0.7) ? RichText(paragraph: prose.worklogNote()) : nil,
                visibility: visibility(&prose.random))
        }
    }
}
