"""Alembic's entry: runs the steps on the connection that ``index.store.migrating`` hands over, in its transaction."""

from alembic import context

from bot.post.tables import metadata


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
