import SimulatedData
import SimulatedSite

extension JQLSearch {
    private static let formats =
        "Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format "
        + "e.g. '-5d', '4w 2d'."

    func momentPredicate(_ field: JQLField, _ condition: JQLQuery.Condition) throws(JQLError) -> Predicate {
        let value: (IssueRow) -> Milliseconds =
            switch field {
            case .created: { $0.created }
            case .updated: { $0.updated }
            default: { $0.resolved }
            }
        if condition.relation == .isEmpty { return { [state] in value(state.row($0)) == 0 } }
        if condition.relation == .isNotEmpty { return { [state] in value(state.row($0)) != 0 } }
        if condition.relation == .differs || condition.relation == .isNotIn {
            var positive = condition
            positive.relation = condition.relation.negated
            let ranges = try momentRanges(positive)
            return { [state] ordinal in
                let moment = value(state.row(ordinal))
                return moment != 0 && !ranges.contains { $0.contains(moment) }
            }
        }
        let ranges = try momentRanges(condition)
        return { [state] ordinal in
            let moment = value(state.row(ordinal))
            return moment != 0 && ranges.contains { $0.contains(moment) }
        }
    }

    private func momentRanges(_ condition: JQLQuery.Condition) throws(JQLError) -> [ClosedRange<Milliseconds>] {
        guard condition.relation == .isIn else { return [try momentRange(condition)] }
        return try operands(condition).map { operand throws(JQLError) in
            try momentRange(
                JQLQuery.Condition(field: condition.field, relation: .equals, operand: operand))
        }
    }

    /// The moments a comparison allows. A written date stands for its minute.
    func momentRange(_ condition: JQLQuery.Condition) throws(JQLError) -> ClosedRange<Milliseconds> {
        let moment = try moment(condition.operand, condition)
        switch condition.relation {
        case .less: return .min...(moment - 1)
        case .atMost: return .min...moment
        case .greater: return (moment + 1) ... .max
        case .atLeast: return moment ... .max
        case .equals: return moment...(moment + 59_999)
        default: throw unsupported(condition)
        }
    }

    func duePredicate(_ condition: JQLQuery.Condition) throws(JQLError) -> Predicate {
        if condition.relation == .isEmpty { return { [state] in state.row($0).due == 0 } }
        if condition.relation == .isNotEmpty { return { [state] in state.row($0).due != 0 } }
        let relation = condition.relation
        guard relation.isComparison || relation == .equals || relation == .differs else { throw unsupported(condition) }
        let civil = zone.civil(try moment(condition.operand, condition))
        let day = Int32(CivilTime.day(civil.year, civil.month, civil.day))
        return { [state] ordinal in
            let due = state.row(ordinal).due
            return due != 0 && relation.holds(due, day)
        }
    }

    // MARK: Moments

    /// What a date operand means to the caller: their time zone, to the minute.
    private func moment(_ operand: JQLQuery.Operand, _ condition: JQLQuery.Condition) throws(JQLError) -> Milliseconds {
        switch operand {
        case .function(let name, let arguments): return try moment(function: name, arguments)
        case .value(let text):
            if let moment = Self.absolute(text, zone) { return moment }
            if let period = Self.period(text) { return now + period }
            throw JQLError("Date value '\(text)' for field '\(condition.field)' is invalid. \(Self.formats)")
        case .empty, .list: throw unsupported(condition)
        }
    }

    /// `yyyy-MM-dd` or `yyyy/MM/dd`, perhaps with `HH:mm`.
    static func absolute(_ text: String, _ zone: SiteTimeZone) -> Milliseconds? {
        let halves = text.split(separator: " ", omittingEmptySubsequences: true)
        guard (1...2).contains(halves.count) else { return nil }
        let mark: Character = halves[0].contains("/") ? "/" : "-"
        let date = halves[0].split(separator: mark, omittingEmptySubsequences: false).map { Int($0) }
        guard date.count == 3, let year = date[0], let month = date[1], let day = date[2], (1...9_999).contains(year),
            (1...12).contains(month), (1...CivilTime.daysInMonth(year, month)).contains(day)
        else { return nil }
        guard halves.count == 2 else { return zone.moment(of: CivilTime(year, month, day)) }
        let clock = halves[1].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard clock.count == 2, let hour = clock[0], let minute = clock[1], (0...23).contains(hour),
            (0...59).contains(minute)
        else { return nil }
        return zone.moment(of: CivilTime(year, month, day, hour, minute))
    }

    /// `-15m`, `4w 2d`, `+1h`: minutes, hours, days, weeks.
    static func period(_ text: String) -> Milliseconds? {
        var rest = text[...]
        var sign: Milliseconds = 1
        if rest.first == "-" || rest.first == "+" {
            sign = rest.first == "-" ? -1 : 1
            rest = rest.dropFirst()
        }
        var total: Milliseconds = 0
        let parts = rest.split(separator: " ")
        guard !parts.isEmpty, parts.count <= 8 else { return nil }
        let units: [Character: Milliseconds] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000]
        for part in parts {
            guard let last = part.last, let unit = units[last], let number = Int64(part.dropLast()),
                (0...1_000_000).contains(number)
            else { return nil }
            total += number * unit
        }
        return sign * total
    }

    private func moment(function name: String, _ arguments: [String]) throws(JQLError) -> Milliseconds {
        let lowered = name.lowercased()
        if lowered == "now" { return now }
        let units = ["day", "week", "month", "year"]
        guard let unit = units.first(where: { lowered == "startof" + $0 || lowered == "endof" + $0 }),
            arguments.count <= 1
        else { throw unknownFunction(name, arguments) }
        let (amount, amountUnit) = try Self.increment(arguments.first ?? "0", defaultUnit: unit, function: name)
        var civil = zone.civil(now)
        civil.add(amount, amountUnit)
        let start = startOf(unit, civil)
        guard lowered.hasPrefix("end") else { return zone.moment(of: start) }
        var next = start
        next.add(1, unit)
        return zone.moment(of: next) - 1
    }

    private func startOf(_ unit: String, _ civil: CivilTime) -> CivilTime {
        switch unit {
        case "year": return CivilTime(civil.year, 1, 1)
        case "month": return CivilTime(civil.year, civil.month, 1)
        case "week":
            var start = CivilTime(civil.year, civil.month, civil.day)
            start.add(-start.weekday, "day")
            return start
        default: return CivilTime(civil.year, civil.month, civil.day)
        }
    }

    /// `-1`, `+2w`, `1M`: how far to move before taking the start or end.
    private static func increment(
        _ text: String, defaultUnit: String, function: String
    ) throws(JQLError) -> (amount: Int, unit: String) {
        let units: [Character: String] = ["d": "day", "w": "week", "M": "month", "y": "year"]
        var digits = text[...]
        var unit = defaultUnit
        if let last = digits.last, let named = units[last] {
            unit = named
            digits = digits.dropLast()
        }
        guard let amount = Int(digits), abs(amount) < 100_000 else {
            throw JQLError("Invalid date increment '\(text)' for function '\(function)'.")
        }
        return (amount, unit)
    }
}

extension CivilTime {
    /// Moves by calendar units; the day is kept inside the month it lands in.
    fileprivate mutating func add(_ amount: Int, _ unit: String) {
        switch unit {
        case "year", "month":
            let months = year * 12 + month - 1 + (unit == "year" ? amount * 12 : amount)
            year = months / 12
            month = months % 12 + 1
            day = min(day, CivilTime.daysInMonth(year, month))
        default:
            let moved = CivilTime.day(year, month, day) + (unit == "week" ? amount * 7 : amount)
            (year, month, day) = CivilTime.civil(fromDay: moved)
        }
    }
}
