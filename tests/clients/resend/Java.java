// One call by one of Java's own HTTP clients, as their users write it; README.md says what the environment says.
//
//   Java.java HttpURLConnection|HttpClient

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

class Java {
    static final String BASE = System.getenv("BASE_URL");
    static final URI HEALTH = URI.create(BASE + "/_sandbox/health");
    static final boolean WARM_UP = System.getenv("CONNECTION").equals("reused");
    static final String METHOD = System.getenv("METHOD");
    static final boolean UPDATES = METHOD.equals("POST");
    static final URI URL = URI.create(BASE + (UPDATES
            ? "/api/admin/v2/orders-update"
            : "/api/admin/v2/orders?status=pending,processing&productType=manual&limit=1"));
    static final String UPDATE = "{\"order\": " + System.getenv("ORDER") + ", \"status\": \"processing\"}";

    record Answer(int status, int length) {}

    static Answer byHttpUrlConnection() throws IOException {
        if (WARM_UP) HEALTH.toURL().openStream().readAllBytes();
        var connection = (HttpURLConnection) URL.toURL().openConnection();
        connection.setRequestProperty("X-Api-Key", System.getenv("API_KEY"));
        if (UPDATES) {
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            connection.getOutputStream().write(UPDATE.getBytes(StandardCharsets.UTF_8));
        }
        var body = connection.getInputStream().readAllBytes();
        return new Answer(connection.getResponseCode(), body.length);
    }

    static Answer byHttpClient() throws IOException, InterruptedException {
        var client = HttpClient.newHttpClient();
        if (WARM_UP) client.send(HttpRequest.newBuilder(HEALTH).build(), BodyHandlers.ofString());
        var request = HttpRequest.newBuilder(URL)
                .header("X-Api-Key", System.getenv("API_KEY"))
                .header("Content-Type", "application/json")
                .method(METHOD, UPDATES ? BodyPublishers.ofString(UPDATE) : BodyPublishers.noBody())
                .build();
        var response = client.send(request, BodyHandlers.ofByteArray());
        return new Answer(response.statusCode(), response.body().length);
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (System.getenv("RETRY").equals("off")) {
            // As `java -Dname=value` does.
            System.setProperty("sun.net.http.retryPost", "false");
            System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
        }
        String outcome;
        String message;
        try {
            var answer = arguments[0].equals("HttpClient") ? byHttpClient() : byHttpUrlConnection();
            outcome = Integer.toString(answer.status());
            message = answer.length() + " bytes";
        } catch (IOException error) {
            outcome = "\"error\"";
            message = error.toString().replace('"', '\'');
        }
        System.out.printf("{\"version\": \"%s\", \"outcome\": %s, \"message\": \"%s\"}%n",
                Runtime.version().feature(), outcome, message);
    }
}
