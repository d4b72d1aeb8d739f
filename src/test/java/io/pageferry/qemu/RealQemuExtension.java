package io.pageferry.qemu;

import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What {@link RealQemu} does. A condition can skip and not fail, so the failing is in a callback of its own. */
final class RealQemuExtension implements ExecutionCondition, BeforeAllCallback {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<String> problem = QemuInstallation.problem();
        return problem.isPresent() && !QemuInstallation.isRequired()
                ? ConditionEvaluationResult.disabled(problem.get())
                : ConditionEvaluationResult.enabled("QEMU is there, or its absence a failure");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        QemuInstallation.problem().ifPresent(problem -> {
            throw new IllegalStateException(QemuInstallation.REQUIRE_VARIABLE + "=1, and this " + problem);
        });
    }
}
