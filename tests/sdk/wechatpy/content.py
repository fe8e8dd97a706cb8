"""Files, articles, and messages to many."""

from io import BytesIO

from stage import JPEG, MP4, PNG, control, refused, wait


class Content:
    """What is sent to many."""

    def media(self):
        image = self.client.media.upload("image", ("a.png", BytesIO(PNG), "image/png"))
        assert image["type"] == "image"
        assert self.client.media.download(image["media_id"]).content == PNG
        thumb = self.client.media.upload("thumb", ("a.jpg", BytesIO(JPEG), "image/jpeg"))
        assert thumb["thumb_media_id"]
        film = self.client.media.upload("video", ("a.mp4", BytesIO(MP4), "video/mp4"))
        assert self.client.media.download(film["media_id"])["video_url"].startswith("http")
        assert self.client.media.upload_video(film["media_id"], "片", "简介")["type"] == "video"
        url = self.client.media.upload_image(("a.png", BytesIO(PNG), "image/png"))
        assert url.startswith("http://mmbiz.qpic.cn/"), url
        refused(40007, self.client.media.download, "nothing")

    def material(self):
        image = self.client.material.add("image", ("a.png", BytesIO(PNG), "image/png"))
        assert image["url"].startswith("http")
        assert self.client.material.get(image["media_id"]).content == PNG
        counted = self.client.material.get_count()
        assert counted["image_count"] == 2, counted
        listed = self.client.material.batchget("image")
        assert listed["total_count"] == 2 and listed["item"][0]["media_id"] == image["media_id"]
        self.client.material.delete(image["media_id"])
        refused(40007, self.client.material.get, image["media_id"])

    def draft(self, comments=0):
        """wechatpy is older than drafts; its own way to post to any path serves."""
        article = {"title": "春季新品", "content": "<p>三款</p>", "need_open_comment": comments,
                   "thumb_media_id": self.account.cover}
        return self.client.post("draft/add", data={"articles": [article]})["media_id"]

    def drafts(self):
        media_id = self.draft()
        read = self.client.post("draft/get", data={"media_id": media_id})["news_item"][0]
        assert read["title"] == "春季新品", read
        assert self.client.get("draft/count")["total_count"] == 1
        listed = self.client.post("draft/batchget", data={"offset": 0, "count": 20})
        assert listed["item"][0]["media_id"] == media_id
        article = {"title": "夏季新品", "content": "<p>两款</p>", "thumb_media_id": self.account.cover}
        self.client.post("draft/update",
                         data={"media_id": media_id, "index": 0, "articles": article})
        read = self.client.post("draft/get", data={"media_id": media_id})["news_item"][0]
        assert read["title"] == "夏季新品", read
        self.client.post("draft/delete", data={"media_id": media_id})
        refused(40007, self.client.post, "draft/get", data={"media_id": media_id})

    def former_articles_are_withdrawn(self):
        article = {"title": "春季新品", "content": "<p>三款</p>",
                   "thumb_media_id": self.account.cover}
        refused(45103, self.client.material.add_articles, [article])
        refused(45103, self.client.material.update_articles, self.account.cover, 0, [article])
        refused(45103, self.client.media.upload_articles, [article])

    def publications(self):
        submitted = self.client.post("freepublish/submit", data={"media_id": self.draft()})
        wait(30)
        told = self.client.post("freepublish/get", data={"publish_id": submitted["publish_id"]})
        assert told["publish_status"] == 0, told
        article = {"article_id": told["article_id"]}
        read = self.client.post("freepublish/getarticle", data=article)
        assert read["news_item"][0]["title"] == "春季新品"
        self.client.post("freepublish/delete", data=article)

    def a_mass_text_to_a_tag(self):
        tag = self.client.tag.create("群发")["id"]
        people = self.account.people[:4]
        self.client.tag.tag_user(tag, people)
        sent = self.client.message.send_mass_text(tag, "今晚八点上新", client_msg_id="to-a-tag")
        assert sent["errmsg"] == "send job submission success", sent
        wait(60)
        assert self.client.message.get_mass(sent["msg_id"])["msg_status"] == "SEND_SUCCESS"
        for openid in people:
            assert sent["msg_id"] in self.account.received(openid)
        assert sent["msg_id"] not in self.account.received(self.account.people[4])
        refused(45065, self.client.message.send_mass_text, tag, "又来", client_msg_id="to-a-tag")
        self.client.tag.delete(tag)

    def a_mass_article_to_a_list_and_its_deletion(self):
        people = self.account.people[:3]
        sent = self.client.message.send_mass_article(people, self.draft())
        wait(60)
        assert self.client.message.get_mass(sent["msg_id"])["msg_status"] == "SEND_SUCCESS"
        assert sent["msg_id"] in self.account.received(people[0])
        self.client.message.delete_mass(sent["msg_id"])
        assert self.client.message.get_mass(sent["msg_id"])["msg_status"] == "DELETE"
        refused(40130, self.client.message.send_mass_text, people[:1], "一个人不成群")

    def a_mass_picture_and_a_film(self):
        image = self.client.media.upload("image", ("a.png", BytesIO(PNG), "image/png"))
        people = self.account.people[6:8]
        sent = self.client.message.send_mass_image(people, image["media_id"])
        film = self.client.media.upload("video", ("a.mp4", BytesIO(MP4), "video/mp4"))
        mass = self.client.media.upload_video(film["media_id"], "片", "简介")
        shown = self.client.message.send_mass_video(people, mass["media_id"], "片", "简介")
        wait(60)
        for job in (sent, shown):
            assert job["msg_id"] in self.account.received(people[0])

    def a_preview(self):
        one = self.account.people[0]
        before = self.account.received(one)
        assert self.client.message.send_mass_text(one, "看看", preview=True)["errcode"] == 0
        assert self.account.received(one) == before

    def a_fifth_message_does_not_arrive(self):
        people = self.account.people[10:12]
        jobs = [self.client.message.send_mass_text(people, f"第{nth}次")["msg_id"] for nth in range(5)]
        wait(120)
        for openid in people:
            assert self.account.received(openid) == jobs[:4]

    def comments(self):
        people = self.account.people[13:15]
        sent = self.client.message.send_mass_article(people, self.draft(comments=1))
        wait(60)
        article = sent["msg_data_id"]
        path = f"{self.account.path}/articles/{article}/0/comments"
        number = control("POST", path, {"openid": people[0], "content": "好看"})["user_comment_id"]
        material = self.client.material
        material.markelect_comment(article, 0, number)
        material.add_reply_comment(article, 0, number, "谢谢")
        listed = material.list_comment(article, 0)
        assert listed["total"] == 1 and listed["comment"][0]["reply"]["content"] == "谢谢", listed
        material.unmarkelect_comment(article, 0, number)
        material.delete_reply_comment(article, 0, number)
        material.close_comment(article, 0)
        material.open_comment(article, 0)
        material.delete_comment(article, 0, number)
        refused(88008, material.delete_comment, article, 0, number)
