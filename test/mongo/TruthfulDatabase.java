import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers as a mongod does where the library does not: commands take turns, and an answer holds the documents as they were in its turn (the
 * library's holds the documents themselves, which the next write changes while they are sent); an ordered update ends at its first
 * error (the library's goes on behind it); an insert says how many documents it inserted.
 */
class TruthfulDatabase extends MemoryDatabase {
    TruthfulDatabase(String name, CursorRegistry cursors) {
        super(name, cursors);
    }

    @Override
    public synchronized Document handleCommand(
            Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
        Document answer = command.equals("update") && !Boolean.FALSE.equals(query.get("ordered"))
                ? updateInOrder(channel, query, databases, oplog)
                : super.handleCommand(channel, command, query, databases, oplog);
        if (command.equals("insert")) answer.put("n", inserted(query, answer.get("writeErrors")));
        return answer.cloneDeeply();
    }

    private Document updateInOrder(Channel channel, Document query, DatabaseResolver databases, Oplog oplog) {
        int matched = 0;
        int modified = 0;
        List<Document> upserted = new ArrayList<>();
        List<Document> errors = new ArrayList<>();
        List<?> updates = (List<?>) query.get("updates");
        for (int i = 0; i < updates.size() && errors.isEmpty(); i++) {
            Document one = query.clone();
            one.put("updates", List.of(updates.get(i)));
            Document answer = super.handleCommand(channel, "update", one, databases, oplog);
            matched += ((Number) answer.getOrDefault("n", 0)).intValue();
            modified += ((Number) answer.getOrDefault("nModified", 0)).intValue();
            upserted.addAll(at(i, answer.get("upserted")));
            errors.addAll(at(i, answer.get("writeErrors")));
        }
        Document answer = new Document("n", matched).append("nModified", modified);
        if (!upserted.isEmpty()) answer.put("upserted", upserted);
        if (!errors.isEmpty()) answer.put("writeErrors", errors);
        return answer.append("ok", 1.0);
    }

    private static int inserted(Document query, Object errors) {
        int documents = ((List<?>) query.get("documents")).size();
        if (!(errors instanceof List<?> refused)) return documents;
        if (Boolean.FALSE.equals(query.get("ordered"))) return documents - refused.size();
        return ((Number) ((Document) refused.get(0)).get("index")).intValue();
    }

    /** The entries of an answer to a single update, as those of the update at `index`. */
    private static List<Document> at(int index, Object list) {
        if (!(list instanceof List<?> documents)) return List.of();
        return documents.stream().map(each -> ((Document) each).clone().append("index", index)).toList();
    }
}
