package fr.example.pilotage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Follows the vœux and the indicators of a session: from zero the first time, then live, with Kafka's own client.
 *
 * <p>State and offsets are one file (STATE, follow.json by default), replaced in one move: a crash loses nothing and
 * counts nothing twice. Put both in one transaction of your database instead. Whenever nothing more comes, and every
 * five seconds otherwise, one line of JSON says what is known: vœux by état, figures by lycée, série and indicator.
 */
public final class Follow {
  private static final String VOEU = "fr.pilotage.VoeuModifie.v1";
  private static final String UNCONFIRMED = "fr.pilotage.VoeuNonConfirme.v1";
  private static final String MARGIN = "fr.pilotage.MargeModifiee.v1";
  private static final String INDICATOR = "fr.pilotage.IndicateurModifie.v1";
  private static final String MERGED = "fr.pilotage.IdentiteFusionnee.v1";
  /** Events of other types on these topics are skipped: new ones may come within v1. */
  private static final Set<String> KNOWN = Set.of(VOEU, UNCONFIRMED, MARGIN, INDICATOR, MERGED);

  /** While records keep coming; what was read since is read again after a crash. */
  private static final long STORE_EVERY_NS = 5_000_000_000L;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What one key says: the event's type and its last value. */
  record Subject(String type, JsonNode value) {
    boolean olderThan(Subject other) {
      long mine = value.get("version").asLong();
      long theirs = other.value.get("version").asLong();
      return mine != theirs ? mine < theirs : revision() < other.revision();
    }

    private long revision() {
      return value.path("revision").asLong(0);
    }
  }

  /** As it is stored. Keys: {@code topic key} and {@code topic partition}. */
  record State(Map<String, Subject> subjects, Map<String, Long> offsets) {}

  private final Path path;
  private final State state;
  private final KafkaConsumer<String, String> consumer;

  private Follow(Path path, KafkaConsumer<String, String> consumer) throws IOException {
    this.path = path;
    this.consumer = consumer;
    this.state =
        Files.exists(path)
            ? JSON.readValue(path.toFile(), State.class)
            : new State(new HashMap<>(), new HashMap<>());
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    String prefix = setting("TOPIC_PREFIX", "") + setting("SESSION", "2026") + ".";
    List<String> topics =
        List.of(prefix + "candidature.voeu.v1", prefix + "indicateurs.serie.v1", prefix + "siecle.eleve.v1");
    Thread main = Thread.currentThread();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(configuration())) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(consumer, main)));
      new Follow(Path.of(setting("STATE", "follow.json")), consumer).run(topics);
    } catch (WakeupException stopped) {
      // asked to stop: what was read is stored
    }
  }

  private static Properties configuration() {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, setting("KAFKA_BOOTSTRAP", "127.0.0.1:9392"));
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, setting("GROUP", "example.java." + setting("SESSION", "2026")));
    properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, setting("INSTANCE", "1")); // back at once after a crash
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false); // our offsets are beside our state
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
    properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
    return properties;
  }

  private static void stop(KafkaConsumer<String, String> consumer, Thread main) {
    consumer.wakeup();
    try {
      main.join(10_000);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(List<String> topics) throws IOException {
    consumer.subscribe(topics, new Resume());
    long stored = System.nanoTime();
    boolean changed = false;
    while (true) {
      ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
      for (ConsumerRecord<String, String> record : records) {
        fold(record);
        state.offsets.put(record.topic() + " " + record.partition(), record.offset() + 1);
        changed = true;
      }
      if (changed && (records.isEmpty() || System.nanoTime() - stored > STORE_EVERY_NS)) {
        store();
        System.out.println(JSON.writeValueAsString(summary()));
        stored = System.nanoTime();
        changed = false;
      }
    }
  }

  /** Starts each partition where the state stands, whatever the group remembers. */
  private final class Resume implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
      for (TopicPartition place : assigned) {
        consumer.seek(place, state.offsets.getOrDefault(place.topic() + " " + place.partition(), 0L));
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      // what is not stored yet is read again by whoever gets them, and is harmless
    }
  }

  /** Keeps the highest (version, revision) of each subject; a null value erases it. */
  private void fold(ConsumerRecord<String, String> record) {
    String key = record.topic() + " " + record.key();
    if (record.value() == null) {
      state.subjects.remove(key);
      return;
    }
    Header header = record.headers().lastHeader("ce_type");
    String type = header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    if (!KNOWN.contains(type)) {
      return;
    }
    try {
      Subject subject = new Subject(type, JSON.readTree(record.value()));
      subject.value.required("version");
      state.subjects.merge(key, subject, (known, read) -> known.olderThan(read) ? read : known);
    } catch (IOException | IllegalArgumentException refused) { // never print the value: it is about somebody
      System.err.printf("refused: %s %d %d%n", record.topic(), record.partition(), record.offset());
    }
  }

  private void store() throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".part");
    JSON.writeValue(fresh.toFile(), state);
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private JsonNode summary() {
    Map<String, JsonNode> expired = new HashMap<>();
    of(UNCONFIRMED).values().forEach(value -> expired.put(voeu(value), value));
    Set<String> merged = new HashSet<>(); // said again under another id
    of(MERGED).values().forEach(value -> merged.add(value.path("eleve_id").asText()));
    Map<String, Integer> etats = new TreeMap<>();
    of(VOEU).values().stream()
        .filter(value -> !merged.contains(value.path("eleve_id").asText()))
        .forEach(value -> etats.merge(etat(value, expired.get(voeu(value))), 1, Integer::sum));
    ObjectNode figures = JSON.createObjectNode();
    of(INDICATOR).forEach((key, value) -> figures.put(key, figure(value))); // of sessions before MargeModifiee
    of(MARGIN)
        .forEach( // all figures of a série at once: those not in it are no longer computed
            (key, value) ->
                value
                    .path("indicateurs")
                    .forEach(figure -> figures.put(key + "/" + figure.path("indicateur").asText(), figure(figure))));
    ObjectNode summary = JSON.createObjectNode();
    summary.set("indicateurs", figures);
    summary.set("voeux", JSON.valueToTree(etats));
    return summary;
  }

  private Map<String, JsonNode> of(String type) {
    Map<String, JsonNode> found = new TreeMap<>();
    state.subjects.forEach(
        (key, subject) -> {
          if (subject.type.equals(type)) {
            found.put(key.substring(key.indexOf(' ') + 1), subject.value);
          }
        });
    return found;
  }

  private static String voeu(JsonNode value) {
    return String.join(
        " ",
        value.path("eleve_id").asText(),
        value.path("voeu_id").asText(),
        value.path("sous_voeu_id").asText());
  }

  /** A deadline that passed speaks of that version of the vœu or an older one: what comes later voids it. */
  private static String etat(JsonNode voeu, JsonNode expired) {
    boolean holds =
        expired != null
            && !expired.path("annule").asBoolean(false)
            && expired.get("version").asLong() >= voeu.get("version").asLong();
    return holds ? "NON_CONFIRME" : voeu.path("etat").asText();
  }

  /** What is suppressed, because it is about too few, is absent. */
  private static String figure(JsonNode value) {
    return value.path("numerateur").asText("-") + "/" + value.path("denominateur").asText("-");
  }

  private static String setting(String name, String otherwise) {
    return System.getenv().getOrDefault(name, otherwise);
  }
}
