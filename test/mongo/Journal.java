import de.bwaldvogel.mongo.backend.AbstractCursor;
import de.bwaldvogel.mongo.backend.Cursor;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.aggregation.Aggregation;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What was written, for change streams: each collection tells what it did, once, in the order in which it was done, while nobody else
 * writes to it. The library's own oplog also tells inserts that were refused as duplicates, leaves out findAndModify, may change the
 * order, and is read whole by each stream at each look.
 */
class Journal implements Oplog {
    /** Entries of each collection. A stream that is further behind has lost its place, as with MongoDB. */
    private static final int KEPT = 100_000;

    private final CursorRegistry cursors;
    private final Map<String, Log> logs = new ConcurrentHashMap<>();
    /** The place of the last entry of all collections. */
    private volatile long place;

    /** The entries of one collection. */
    private static class Log {
        final ConcurrentNavigableMap<Long, Document> entries = new ConcurrentSkipListMap<>();
        int size;
        volatile long droppedUpTo;
    }

    Journal(CursorRegistry cursors) {
        this.cursors = cursors;
    }

    /** What the library tells is ignored here and below, because the collections know better. */
    @Override
    public void handleInsert(String namespace, List<Document> documents) { }

    @Override
    public void handleUpdate(String namespace, Document selector, Document query, List<Object> ids) { }

    @Override
    public void handleDelete(String namespace, Document query, List<Object> ids) { }

    @Override
    public void handleDropCollection(String namespace) { }

    private Log of(String namespace) {
        return logs.computeIfAbsent(namespace, any -> new Log());
    }

    /** `document` is the document as it is now, or null for an operation that does not tell it. */
    synchronized void add(String namespace, String operation, Object id, Document document) {
        long next = place + 1;
        Document event = new Document("_id", new Document("_data", Long.toHexString(next)))
                .append("operationType", operation)
                .append("documentKey", new Document("_id", id));
        if (document != null) event.append("fullDocument", document.cloneDeeply());
        Log log = of(namespace);
        log.entries.put(next, event);
        place = next;
        if (++log.size > KEPT) {
            log.size--;
            log.droppedUpTo = log.entries.pollFirstEntry().getKey();
        }
    }

    @Override
    public Cursor createCursor(Document stream, String namespace, Aggregation aggregation) {
        Document token = (Document) stream.getOrDefault("resumeAfter", stream.get("startAfter"));
        long from = token == null ? place : Long.parseLong((String) token.get("_data"), 16);
        Cursor cursor = new Reader(cursors.generateCursorId(), of(namespace), from, aggregation);
        cursors.add(cursor);
        return cursor;
    }

    private static class Reader extends AbstractCursor {
        private final Log log;
        private final Aggregation aggregation;
        private long from;

        Reader(long id, Log log, long from, Aggregation aggregation) {
            super(id);
            this.log = log;
            this.from = from;
            this.aggregation = aggregation;
        }

        @Override
        public boolean isEmpty() {
            return false;
        }

        @Override
        public List<Document> takeDocuments(int number) {
            List<Map.Entry<Long, Document>> read = log.entries.tailMap(from, false).entrySet().stream()
                    .limit(number > 0 ? number : KEPT)
                    .toList();
            if (from < log.droppedUpTo)
                throw new MongoServerError(286, "ChangeStreamHistoryLost", "The place is gone.");
            if (!read.isEmpty()) from = read.get(read.size() - 1).getKey();
            return aggregation.runStagesAsStream(read.stream().map(Map.Entry::getValue)).toList();
        }
    }
}
