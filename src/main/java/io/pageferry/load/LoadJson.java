package io.pageferry.load;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How load tests write and read JSON: members as QMP has them, {@code like-this}. */
public final class LoadJson {
    /** One line an object. */
    public static final JsonMapper LINES = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .build();

    /** For files that people may look into. */
    public static final JsonMapper PRETTY =
            LINES.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

    private LoadJson() {}
}
