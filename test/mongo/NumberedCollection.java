import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.ArrayFilters;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reads a group's documents in the order of their numbers, and no others, as a mongod does by the indexes that the
 * service makes. The library has unique indexes only, and for everything else looks at all documents of a collection.
 * The collection also tells the journal what was done, at the moment when it is done.
 */
class NumberedCollection extends MemoryCollection {
    private static final List<String> NUMBERS = List.of("seq", "rev");

    private record Log(Object groupId, String number) { }

    /** Two documents may have one number; the position tells them apart. */
    private record Key(long number, int position) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byNumber = Long.compare(number, other.number);
            return byNumber != 0 ? byNumber : Integer.compare(position, other.position);
        }
    }

    private final Map<Log, NavigableMap<Key, Document>> logs = new HashMap<>();
    private final Journal journal;
    private boolean isReplacing;

    NumberedCollection(
            MongoDatabase database, String name, CollectionOptions options, CursorRegistry cursors, Journal journal) {
        super(database, name, options, cursors);
        this.journal = journal;
    }

    @Override
    public synchronized Document updateDocuments(
            Document selector, Document update, ArrayFilters filters, boolean multi, boolean upsert, Oplog oplog) {
        isReplacing = isReplacement(update);
        return super.updateDocuments(selector, update, filters, multi, upsert, oplog);
    }

    @Override
    public synchronized Document findAndModify(Document query) {
        isReplacing = query.get("update") instanceof Document update && isReplacement(update);
        return super.findAndModify(query);
    }

    private static boolean isReplacement(Document update) {
        return update.keySet().stream().noneMatch(field -> field.startsWith("$"));
    }

    private void tell(String operation, Document document, boolean whole) {
        journal.add(getFullName(), operation, document.get("_id"), whole ? document : null);
    }

    @Override
    protected Integer addDocumentInternal(Document document) {
        Integer position = super.addDocumentInternal(document);
        put(position, document);
        tell("insert", document, true);
        return position;
    }

    @Override
    protected void removeDocument(Integer position) {
        Document document = getDocument(position);
        remove(position, document);
        super.removeDocument(position);
        tell("delete", document, false);
    }

    @Override
    protected void handleUpdate(Integer position, Document before, Document after) {
        remove(position, before);
        put(position, after);
        tell(isReplacing ? "replace" : "update", after, isReplacing);
    }

    private void put(int position, Document document) {
        for (String field : NUMBERS) {
            if (document.get(field) instanceof Number number)
                logs.computeIfAbsent(new Log(document.get("group_id"), field), log -> new TreeMap<>())
                        .put(new Key(number.longValue(), position), document);
        }
    }

    private void remove(int position, Document document) {
        for (String field : NUMBERS) {
            NavigableMap<Key, Document> log = logs.get(new Log(document.get("group_id"), field));
            if (log != null && document.get(field) instanceof Number number)
                log.remove(new Key(number.longValue(), position));
        }
    }

    @Override
    protected QueryResult matchDocuments(
            Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
        Stream<Document> log = read(query, orderBy, limit > 0 ? skip + limit : Integer.MAX_VALUE);
        if (log == null) return super.matchDocuments(query, orderBy, skip, limit, batchSize, fields);
        Stream<Document> found = log.filter(document -> documentMatchesQuery(document, query));
        if (limit > 0) found = found.limit(skip + limit);
        return matchDocumentsFromStream(found, query, orderBy, skip, limit, batchSize, fields);
    }

    /** The documents that may match, in order; null when documents without a number may match too. */
    private Stream<Document> read(Document query, Document orderBy, int wanted) {
        if (orderBy == null || orderBy.size() != 1 || !(query.get("group_id") instanceof String)) return null;
        String field = orderBy.keySet().iterator().next();
        NavigableMap<Key, Document> log = logs.get(new Log(query.get("group_id"), field));
        if (log == null) return null;
        boolean descending = ((Number) orderBy.get(field)).intValue() < 0;
        if (query.get(field) instanceof Document range && isBounded(range)) log = within(log, range);
        else if (!descending || query.size() > 1 || log.size() < wanted) return null;
        return (descending ? log.descendingMap() : log).values().stream();
    }

    private static boolean isBounded(Document range) {
        return Stream.of("$gt", "$gte", "$lt", "$lte").anyMatch(range::containsKey);
    }

    /** A little more than the range, because the query is applied afterwards. */
    private static NavigableMap<Key, Document> within(NavigableMap<Key, Document> log, Document range) {
        NavigableMap<Key, Document> left = log;
        for (Map.Entry<String, Object> bound : range.entrySet()) {
            if (!(bound.getValue() instanceof Number number)) continue;
            long value = number.longValue();
            if (bound.getKey().startsWith("$gt")) left = left.tailMap(new Key(value, 0), true);
            if (bound.getKey().startsWith("$lt")) left = left.headMap(new Key(value, Integer.MAX_VALUE), true);
        }
        return left;
    }
}
